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
  deferred
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
