/** The experiment document: the table of its trial components beside their charts. */
export { createDocument } from './panel';
