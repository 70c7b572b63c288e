/** The comment by which the stand-in for the host's leads table is told apart. */
export const STAND_IN_COMMENT =
  'Stand-in for the leads table of the host application, made by conversion-tracking-schema.';
