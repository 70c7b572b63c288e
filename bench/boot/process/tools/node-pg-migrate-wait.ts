import { runPackaged } from '../run-packaged.ts';

export const boot = (url: string) => runPackaged(url, 'wait');
