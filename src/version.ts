/** Version of this front end; `version.spec.ts` holds it to package.json. */
export const VERSION = '0.1.0';

/** Major version of the API that this front end speaks. */
export const API_VERSION = 1;
