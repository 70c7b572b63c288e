import pg from 'pg';

/** A name as SQL, by pg's own rules. */
export const identifier: (name: string) => string = pg.escapeIdentifier;

/** A string as SQL, by pg's own rules. */
export const literal: (value: string) => string = pg.escapeLiteral;
