// server/src/app/version.ts
var VERSION = "0.1.0";
var RELEASED_AT = Date.UTC(2026, 9, 1);

// server/src/base/deferred.ts
function deferred() {
  let resolve = () => {
  };
  let reject = () => {
  };
  const promise = new Promise((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

export {
  VERSION,
  deferred
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
