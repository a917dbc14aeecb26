// server/src/app/version.ts
var VERSION = "0.1.0";
var RELEASED_AT = Date.UTC(2026, 9, 1);

export {
  VERSION
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
