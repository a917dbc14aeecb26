import {
  Guard,
  KEY_BYTES,
  LIMITS,
  MeshError,
  SIGNATURE_BYTES,
  Scope,
  TokenBucket,
  __commonJS,
  __require,
  __toESM,
  _enum,
  array,
  assertNever,
  boolean,
  concat,
  createLog,
  custom,
  decodeObject,
  discriminatedUnion,
  fingerprintOf,
  fromBase64Url,
  fromHex,
  int,
  isAcceptableEd25519,
  isObject,
  literal,
  messageOf,
  number,
  object,
  openDatabase,
  parseFingerprint,
  parseNodeId,
  parseWireName,
  rootFolder,
  sha256,
  strictObject,
  string,
  systemClock,
  systemRandom,
  tagged,
  toBase64Url,
  toHex,
  unknown,
  utf8,
  verifySignature,
  via
} from "./cli.shared.mjs";

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/constants.js
var require_constants = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/constants.js"(exports, module) {
    "use strict";
    var BINARY_TYPES = ["nodebuffer", "arraybuffer", "fragments"];
    var hasBlob = typeof Blob !== "undefined";
    if (hasBlob) BINARY_TYPES.push("blob");
    module.exports = {
      BINARY_TYPES,
      CLOSE_TIMEOUT: 3e4,
      EMPTY_BUFFER: Buffer.alloc(0),
      GUID: "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
      hasBlob,
      kForOnEventAttribute: /* @__PURE__ */ Symbol("kIsForOnEventAttribute"),
      kListener: /* @__PURE__ */ Symbol("kListener"),
      kStatusCode: /* @__PURE__ */ Symbol("status-code"),
      kWebSocket: /* @__PURE__ */ Symbol("websocket"),
      NOOP: () => {
      }
    };
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/buffer-util.js
var require_buffer_util = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/buffer-util.js"(exports, module) {
    "use strict";
    var { websocketMask, websocketUnmask } = __require("http");
    var { EMPTY_BUFFER } = require_constants();
    var FastBuffer = Buffer[Symbol.species];
    function concat2(list, totalLength) {
      if (list.length === 0) return EMPTY_BUFFER;
      if (list.length === 1) return list[0];
      const target = Buffer.allocUnsafe(totalLength);
      let offset = 0;
      for (let i = 0; i < list.length; i++) {
        const buf = list[i];
        target.set(buf, offset);
        offset += buf.length;
      }
      if (offset < totalLength) {
        return new FastBuffer(target.buffer, target.byteOffset, offset);
      }
      return target;
    }
    function _mask(source, mask, output, offset, length) {
      for (let i = 0; i < length; i++) {
        output[offset + i] = source[i] ^ mask[i & 3];
      }
    }
    function _unmask(buffer, mask) {
      for (let i = 0; i < buffer.length; i++) {
        buffer[i] ^= mask[i & 3];
      }
    }
    function toArrayBuffer(buf) {
      if (buf.length === buf.buffer.byteLength) {
        return buf.buffer;
      }
      return buf.buffer.slice(buf.byteOffset, buf.byteOffset + buf.length);
    }
    function toBuffer(data) {
      toBuffer.readOnly = true;
      if (Buffer.isBuffer(data)) return data;
      let buf;
      if (data instanceof ArrayBuffer) {
        buf = new FastBuffer(data);
      } else if (ArrayBuffer.isView(data)) {
        buf = new FastBuffer(data.buffer, data.byteOffset, data.byteLength);
      } else {
        buf = Buffer.from(data);
        toBuffer.readOnly = false;
      }
      return buf;
    }
    module.exports = {
      concat: concat2,
      mask: _mask,
      toArrayBuffer,
      toBuffer,
      unmask: _unmask
    };
    if (websocketMask) {
      module.exports.mask = function(source, mask, output, offset, length) {
        if (length < 24) _mask(source, mask, output, offset, length);
        else websocketMask(source, mask, output, offset, length);
      };
      module.exports.unmask = function(buffer, mask) {
        if (buffer.length < 24) _unmask(buffer, mask);
        else websocketUnmask(buffer, mask);
      };
    } else if (false) {
      try {
        const bufferUtil = null;
        module.exports.mask = function(source, mask, output, offset, length) {
          if (length < 48) _mask(source, mask, output, offset, length);
          else bufferUtil.mask(source, mask, output, offset, length);
        };
        module.exports.unmask = function(buffer, mask) {
          if (buffer.length < 32) _unmask(buffer, mask);
          else bufferUtil.unmask(buffer, mask);
        };
      } catch (e) {
      }
    }
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/limiter.js
var require_limiter = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/limiter.js"(exports, module) {
    "use strict";
    var kDone = /* @__PURE__ */ Symbol("kDone");
    var kRun = /* @__PURE__ */ Symbol("kRun");
    var Limiter = class {
      /**
       * Creates a new `Limiter`.
       *
       * @param {Number} [concurrency=Infinity] The maximum number of jobs allowed
       *     to run concurrently
       */
      constructor(concurrency) {
        this[kDone] = () => {
          this.pending--;
          this[kRun]();
        };
        this.concurrency = concurrency || Infinity;
        this.jobs = [];
        this.pending = 0;
      }
      /**
       * Adds a job to the queue.
       *
       * @param {Function} job The job to run
       * @public
       */
      add(job) {
        this.jobs.push(job);
        this[kRun]();
      }
      /**
       * Removes a job from the queue and runs it if possible.
       *
       * @private
       */
      [kRun]() {
        if (this.pending === this.concurrency) return;
        if (this.jobs.length) {
          const job = this.jobs.shift();
          this.pending++;
          job(this[kDone]);
        }
      }
    };
    module.exports = Limiter;
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/permessage-deflate.js
var require_permessage_deflate = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/permessage-deflate.js"(exports, module) {
    "use strict";
    var zlib = __require("zlib");
    var bufferUtil = require_buffer_util();
    var Limiter = require_limiter();
    var { kStatusCode } = require_constants();
    var FastBuffer = Buffer[Symbol.species];
    var TRAILER = Buffer.from([0, 0, 255, 255]);
    var kPerMessageDeflate = /* @__PURE__ */ Symbol("permessage-deflate");
    var kTotalLength = /* @__PURE__ */ Symbol("total-length");
    var kCallback = /* @__PURE__ */ Symbol("callback");
    var kBuffers = /* @__PURE__ */ Symbol("buffers");
    var kError = /* @__PURE__ */ Symbol("error");
    var zlibLimiter;
    var PerMessageDeflate2 = class {
      /**
       * Creates a PerMessageDeflate instance.
       *
       * @param {Object} [options] Configuration options
       * @param {(Boolean|Number)} [options.clientMaxWindowBits] Advertise support
       *     for, or request, a custom client window size
       * @param {Boolean} [options.clientNoContextTakeover=false] Advertise/
       *     acknowledge disabling of client context takeover
       * @param {Number} [options.concurrencyLimit=10] The number of concurrent
       *     calls to zlib
       * @param {Boolean} [options.isServer=false] Create the instance in either
       *     server or client mode
       * @param {Number} [options.maxPayload=0] The maximum allowed message length
       * @param {(Boolean|Number)} [options.serverMaxWindowBits] Request/confirm the
       *     use of a custom server window size
       * @param {Boolean} [options.serverNoContextTakeover=false] Request/accept
       *     disabling of server context takeover
       * @param {Number} [options.threshold=1024] Size (in bytes) below which
       *     messages should not be compressed if context takeover is disabled
       * @param {Object} [options.zlibDeflateOptions] Options to pass to zlib on
       *     deflate
       * @param {Object} [options.zlibInflateOptions] Options to pass to zlib on
       *     inflate
       */
      constructor(options) {
        this._options = options || {};
        this._threshold = this._options.threshold !== void 0 ? this._options.threshold : 1024;
        this._maxPayload = this._options.maxPayload | 0;
        this._isServer = !!this._options.isServer;
        this._deflate = null;
        this._inflate = null;
        this.params = null;
        if (!zlibLimiter) {
          const concurrency = this._options.concurrencyLimit !== void 0 ? this._options.concurrencyLimit : 10;
          zlibLimiter = new Limiter(concurrency);
        }
      }
      /**
       * @type {String}
       */
      static get extensionName() {
        return "permessage-deflate";
      }
      /**
       * Create an extension negotiation offer.
       *
       * @return {Object} Extension parameters
       * @public
       */
      offer() {
        const params = {};
        if (this._options.serverNoContextTakeover) {
          params.server_no_context_takeover = true;
        }
        if (this._options.clientNoContextTakeover) {
          params.client_no_context_takeover = true;
        }
        if (this._options.serverMaxWindowBits) {
          params.server_max_window_bits = this._options.serverMaxWindowBits;
        }
        if (this._options.clientMaxWindowBits) {
          params.client_max_window_bits = this._options.clientMaxWindowBits;
        } else if (this._options.clientMaxWindowBits == null) {
          params.client_max_window_bits = true;
        }
        return params;
      }
      /**
       * Accept an extension negotiation offer/response.
       *
       * @param {Array} configurations The extension negotiation offers/reponse
       * @return {Object} Accepted configuration
       * @public
       */
      accept(configurations) {
        configurations = this.normalizeParams(configurations);
        this.params = this._isServer ? this.acceptAsServer(configurations) : this.acceptAsClient(configurations);
        return this.params;
      }
      /**
       * Releases all resources used by the extension.
       *
       * @public
       */
      cleanup() {
        if (this._inflate) {
          this._inflate.close();
          this._inflate = null;
        }
        if (this._deflate) {
          const callback = this._deflate[kCallback];
          this._deflate.close();
          this._deflate = null;
          if (callback) {
            callback(
              new Error(
                "The deflate stream was closed while data was being processed"
              )
            );
          }
        }
      }
      /**
       *  Accept an extension negotiation offer.
       *
       * @param {Array} offers The extension negotiation offers
       * @return {Object} Accepted configuration
       * @private
       */
      acceptAsServer(offers) {
        const opts = this._options;
        const accepted = offers.find((params) => {
          if (opts.serverNoContextTakeover === false && params.server_no_context_takeover || params.server_max_window_bits && (opts.serverMaxWindowBits === false || typeof opts.serverMaxWindowBits === "number" && opts.serverMaxWindowBits > params.server_max_window_bits) || typeof opts.clientMaxWindowBits === "number" && (typeof params.client_max_window_bits === "number" ? opts.clientMaxWindowBits > params.client_max_window_bits : !params.client_max_window_bits)) {
            return false;
          }
          return true;
        });
        if (!accepted) {
          throw new Error("None of the extension offers can be accepted");
        }
        if (opts.serverNoContextTakeover) {
          accepted.server_no_context_takeover = true;
        }
        if (opts.clientNoContextTakeover) {
          accepted.client_no_context_takeover = true;
        }
        if (typeof opts.serverMaxWindowBits === "number") {
          accepted.server_max_window_bits = opts.serverMaxWindowBits;
        }
        if (typeof opts.clientMaxWindowBits === "number") {
          accepted.client_max_window_bits = opts.clientMaxWindowBits;
        } else if (accepted.client_max_window_bits === true || opts.clientMaxWindowBits === false) {
          delete accepted.client_max_window_bits;
        }
        return accepted;
      }
      /**
       * Accept the extension negotiation response.
       *
       * @param {Array} response The extension negotiation response
       * @return {Object} Accepted configuration
       * @private
       */
      acceptAsClient(response) {
        const params = response[0];
        if (this._options.clientNoContextTakeover === false && params.client_no_context_takeover) {
          throw new Error('Unexpected parameter "client_no_context_takeover"');
        }
        if (!params.client_max_window_bits) {
          if (typeof this._options.clientMaxWindowBits === "number") {
            params.client_max_window_bits = this._options.clientMaxWindowBits;
          }
        } else if (this._options.clientMaxWindowBits === false || typeof this._options.clientMaxWindowBits === "number" && params.client_max_window_bits > this._options.clientMaxWindowBits) {
          throw new Error(
            'Unexpected or invalid parameter "client_max_window_bits"'
          );
        }
        return params;
      }
      /**
       * Normalize parameters.
       *
       * @param {Array} configurations The extension negotiation offers/reponse
       * @return {Array} The offers/response with normalized parameters
       * @private
       */
      normalizeParams(configurations) {
        configurations.forEach((params) => {
          Object.keys(params).forEach((key2) => {
            let value = params[key2];
            if (value.length > 1) {
              throw new Error(`Parameter "${key2}" must have only a single value`);
            }
            value = value[0];
            if (key2 === "client_max_window_bits") {
              if (value !== true) {
                const num = +value;
                if (!Number.isInteger(num) || num < 8 || num > 15) {
                  throw new TypeError(
                    `Invalid value for parameter "${key2}": ${value}`
                  );
                }
                value = num;
              } else if (!this._isServer) {
                throw new TypeError(
                  `Invalid value for parameter "${key2}": ${value}`
                );
              }
            } else if (key2 === "server_max_window_bits") {
              const num = +value;
              if (!Number.isInteger(num) || num < 8 || num > 15) {
                throw new TypeError(
                  `Invalid value for parameter "${key2}": ${value}`
                );
              }
              value = num;
            } else if (key2 === "client_no_context_takeover" || key2 === "server_no_context_takeover") {
              if (value !== true) {
                throw new TypeError(
                  `Invalid value for parameter "${key2}": ${value}`
                );
              }
            } else {
              throw new Error(`Unknown parameter "${key2}"`);
            }
            params[key2] = value;
          });
        });
        return configurations;
      }
      /**
       * Decompress data. Concurrency limited.
       *
       * @param {Buffer} data Compressed data
       * @param {Boolean} fin Specifies whether or not this is the last fragment
       * @param {Function} callback Callback
       * @public
       */
      decompress(data, fin, callback) {
        zlibLimiter.add((done) => {
          this._decompress(data, fin, (err, result) => {
            done();
            callback(err, result);
          });
        });
      }
      /**
       * Compress data. Concurrency limited.
       *
       * @param {(Buffer|String)} data Data to compress
       * @param {Boolean} fin Specifies whether or not this is the last fragment
       * @param {Function} callback Callback
       * @public
       */
      compress(data, fin, callback) {
        zlibLimiter.add((done) => {
          this._compress(data, fin, (err, result) => {
            done();
            callback(err, result);
          });
        });
      }
      /**
       * Decompress data.
       *
       * @param {Buffer} data Compressed data
       * @param {Boolean} fin Specifies whether or not this is the last fragment
       * @param {Function} callback Callback
       * @private
       */
      _decompress(data, fin, callback) {
        const endpoint = this._isServer ? "client" : "server";
        if (!this._inflate) {
          const key2 = `${endpoint}_max_window_bits`;
          const windowBits = typeof this.params[key2] !== "number" ? zlib.Z_DEFAULT_WINDOWBITS : this.params[key2];
          this._inflate = zlib.createInflateRaw({
            ...this._options.zlibInflateOptions,
            windowBits
          });
          this._inflate[kPerMessageDeflate] = this;
          this._inflate[kTotalLength] = 0;
          this._inflate[kBuffers] = [];
          this._inflate.on("error", inflateOnError);
          this._inflate.on("data", inflateOnData);
        }
        this._inflate[kCallback] = callback;
        this._inflate.write(data);
        if (fin) this._inflate.write(TRAILER);
        this._inflate.flush(() => {
          const err = this._inflate[kError];
          if (err) {
            this._inflate.close();
            this._inflate = null;
            callback(err);
            return;
          }
          const data2 = bufferUtil.concat(
            this._inflate[kBuffers],
            this._inflate[kTotalLength]
          );
          if (this._inflate._readableState.endEmitted) {
            this._inflate.close();
            this._inflate = null;
          } else {
            this._inflate[kTotalLength] = 0;
            this._inflate[kBuffers] = [];
            if (fin && this.params[`${endpoint}_no_context_takeover`]) {
              this._inflate.reset();
            }
          }
          callback(null, data2);
        });
      }
      /**
       * Compress data.
       *
       * @param {(Buffer|String)} data Data to compress
       * @param {Boolean} fin Specifies whether or not this is the last fragment
       * @param {Function} callback Callback
       * @private
       */
      _compress(data, fin, callback) {
        const endpoint = this._isServer ? "server" : "client";
        if (!this._deflate) {
          const key2 = `${endpoint}_max_window_bits`;
          const windowBits = typeof this.params[key2] !== "number" ? zlib.Z_DEFAULT_WINDOWBITS : this.params[key2];
          this._deflate = zlib.createDeflateRaw({
            ...this._options.zlibDeflateOptions,
            windowBits
          });
          this._deflate[kTotalLength] = 0;
          this._deflate[kBuffers] = [];
          this._deflate.on("data", deflateOnData);
        }
        this._deflate[kCallback] = callback;
        this._deflate.write(data);
        this._deflate.flush(zlib.Z_SYNC_FLUSH, () => {
          if (!this._deflate) {
            return;
          }
          let data2 = bufferUtil.concat(
            this._deflate[kBuffers],
            this._deflate[kTotalLength]
          );
          if (fin) {
            data2 = new FastBuffer(data2.buffer, data2.byteOffset, data2.length - 4);
          }
          this._deflate[kCallback] = null;
          this._deflate[kTotalLength] = 0;
          this._deflate[kBuffers] = [];
          if (fin && this.params[`${endpoint}_no_context_takeover`]) {
            this._deflate.reset();
          }
          callback(null, data2);
        });
      }
    };
    module.exports = PerMessageDeflate2;
    function deflateOnData(chunk) {
      this[kBuffers].push(chunk);
      this[kTotalLength] += chunk.length;
    }
    function inflateOnData(chunk) {
      this[kTotalLength] += chunk.length;
      if (this[kPerMessageDeflate]._maxPayload < 1 || this[kTotalLength] <= this[kPerMessageDeflate]._maxPayload) {
        this[kBuffers].push(chunk);
        return;
      }
      this[kError] = new RangeError("Max payload size exceeded");
      this[kError].code = "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
      this[kError][kStatusCode] = 1009;
      this.removeListener("data", inflateOnData);
      this.reset();
    }
    function inflateOnError(err) {
      this[kPerMessageDeflate]._inflate = null;
      if (this[kError]) {
        this[kCallback](this[kError]);
        return;
      }
      err[kStatusCode] = 1007;
      this[kCallback](err);
    }
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/validation.js
var require_validation = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/validation.js"(exports, module) {
    "use strict";
    var { isUtf8 } = __require("buffer");
    var { hasBlob } = require_constants();
    var tokenChars = [
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      // 0 - 15
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      // 16 - 31
      0,
      1,
      0,
      1,
      1,
      1,
      1,
      1,
      0,
      0,
      1,
      1,
      0,
      1,
      1,
      0,
      // 32 - 47
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      // 48 - 63
      0,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      // 64 - 79
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      0,
      0,
      0,
      1,
      1,
      // 80 - 95
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      // 96 - 111
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      0,
      1,
      0,
      1,
      0
      // 112 - 127
    ];
    function isValidStatusCode(code) {
      return code >= 1e3 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006 || code >= 3e3 && code <= 4999;
    }
    function _isValidUTF8(buf) {
      const len = buf.length;
      let i = 0;
      while (i < len) {
        if ((buf[i] & 128) === 0) {
          i++;
        } else if ((buf[i] & 224) === 192) {
          if (i + 1 === len || (buf[i + 1] & 192) !== 128 || (buf[i] & 254) === 192) {
            return false;
          }
          i += 2;
        } else if ((buf[i] & 240) === 224) {
          if (i + 2 >= len || (buf[i + 1] & 192) !== 128 || (buf[i + 2] & 192) !== 128 || buf[i] === 224 && (buf[i + 1] & 224) === 128 || // Overlong
          buf[i] === 237 && (buf[i + 1] & 224) === 160) {
            return false;
          }
          i += 3;
        } else if ((buf[i] & 248) === 240) {
          if (i + 3 >= len || (buf[i + 1] & 192) !== 128 || (buf[i + 2] & 192) !== 128 || (buf[i + 3] & 192) !== 128 || buf[i] === 240 && (buf[i + 1] & 240) === 128 || // Overlong
          buf[i] === 244 && buf[i + 1] > 143 || buf[i] > 244) {
            return false;
          }
          i += 4;
        } else {
          return false;
        }
      }
      return true;
    }
    function isBlob(value) {
      return hasBlob && typeof value === "object" && typeof value.arrayBuffer === "function" && typeof value.type === "string" && typeof value.stream === "function" && (value[Symbol.toStringTag] === "Blob" || value[Symbol.toStringTag] === "File");
    }
    module.exports = {
      isBlob,
      isValidStatusCode,
      isValidUTF8: _isValidUTF8,
      tokenChars
    };
    if (isUtf8) {
      module.exports.isValidUTF8 = function(buf) {
        return buf.length < 24 ? _isValidUTF8(buf) : isUtf8(buf);
      };
    } else if (false) {
      try {
        const isValidUTF8 = null;
        module.exports.isValidUTF8 = function(buf) {
          return buf.length < 32 ? _isValidUTF8(buf) : isValidUTF8(buf);
        };
      } catch (e) {
      }
    }
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/receiver.js
var require_receiver = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/receiver.js"(exports, module) {
    "use strict";
    var { Writable } = __require("stream");
    var PerMessageDeflate2 = require_permessage_deflate();
    var {
      BINARY_TYPES,
      EMPTY_BUFFER,
      kStatusCode,
      kWebSocket
    } = require_constants();
    var { concat: concat2, toArrayBuffer, unmask } = require_buffer_util();
    var { isValidStatusCode, isValidUTF8 } = require_validation();
    var FastBuffer = Buffer[Symbol.species];
    var GET_INFO = 0;
    var GET_PAYLOAD_LENGTH_16 = 1;
    var GET_PAYLOAD_LENGTH_64 = 2;
    var GET_MASK = 3;
    var GET_DATA = 4;
    var INFLATING = 5;
    var DEFER_EVENT = 6;
    var Receiver2 = class extends Writable {
      /**
       * Creates a Receiver instance.
       *
       * @param {Object} [options] Options object
       * @param {Boolean} [options.allowSynchronousEvents=true] Specifies whether
       *     any of the `'message'`, `'ping'`, and `'pong'` events can be emitted
       *     multiple times in the same tick
       * @param {String} [options.binaryType=nodebuffer] The type for binary data
       * @param {Object} [options.extensions] An object containing the negotiated
       *     extensions
       * @param {Boolean} [options.isServer=false] Specifies whether to operate in
       *     client or server mode
       * @param {Number} [options.maxBufferedChunks=0] The maximum number of
       *     buffered data chunks
       * @param {Number} [options.maxFragments=0] The maximum number of message
       *     fragments
       * @param {Number} [options.maxPayload=0] The maximum allowed message length
       * @param {Boolean} [options.skipUTF8Validation=false] Specifies whether or
       *     not to skip UTF-8 validation for text and close messages
       */
      constructor(options = {}) {
        super();
        this._allowSynchronousEvents = options.allowSynchronousEvents !== void 0 ? options.allowSynchronousEvents : true;
        this._binaryType = options.binaryType || BINARY_TYPES[0];
        this._extensions = options.extensions || {};
        this._isServer = !!options.isServer;
        this._maxBufferedChunks = options.maxBufferedChunks | 0;
        this._maxFragments = options.maxFragments | 0;
        this._maxPayload = options.maxPayload | 0;
        this._skipUTF8Validation = !!options.skipUTF8Validation;
        this[kWebSocket] = void 0;
        this._bufferedBytes = 0;
        this._buffers = [];
        this._compressed = false;
        this._payloadLength = 0;
        this._mask = void 0;
        this._fragmented = 0;
        this._masked = false;
        this._fin = false;
        this._opcode = 0;
        this._totalPayloadLength = 0;
        this._messageLength = 0;
        this._numFragments = 0;
        this._fragments = [];
        this._errored = false;
        this._loop = false;
        this._state = GET_INFO;
      }
      /**
       * Implements `Writable.prototype._write()`.
       *
       * @param {Buffer} chunk The chunk of data to write
       * @param {String} encoding The character encoding of `chunk`
       * @param {Function} cb Callback
       * @private
       */
      _write(chunk, encoding, cb) {
        if (this._opcode === 8 && this._state == GET_INFO) return cb();
        if (this._maxBufferedChunks > 0 && this._buffers.length >= this._maxBufferedChunks) {
          cb(
            this.createError(
              RangeError,
              "Too many buffered chunks",
              false,
              1008,
              "WS_ERR_TOO_MANY_BUFFERED_PARTS"
            )
          );
          return;
        }
        this._bufferedBytes += chunk.length;
        this._buffers.push(chunk);
        this.startLoop(cb);
      }
      /**
       * Consumes `n` bytes from the buffered data.
       *
       * @param {Number} n The number of bytes to consume
       * @return {Buffer} The consumed bytes
       * @private
       */
      consume(n) {
        this._bufferedBytes -= n;
        if (n === this._buffers[0].length) return this._buffers.shift();
        if (n < this._buffers[0].length) {
          const buf = this._buffers[0];
          this._buffers[0] = new FastBuffer(
            buf.buffer,
            buf.byteOffset + n,
            buf.length - n
          );
          return new FastBuffer(buf.buffer, buf.byteOffset, n);
        }
        const dst = Buffer.allocUnsafe(n);
        do {
          const buf = this._buffers[0];
          const offset = dst.length - n;
          if (n >= buf.length) {
            dst.set(this._buffers.shift(), offset);
          } else {
            dst.set(new Uint8Array(buf.buffer, buf.byteOffset, n), offset);
            this._buffers[0] = new FastBuffer(
              buf.buffer,
              buf.byteOffset + n,
              buf.length - n
            );
          }
          n -= buf.length;
        } while (n > 0);
        return dst;
      }
      /**
       * Starts the parsing loop.
       *
       * @param {Function} cb Callback
       * @private
       */
      startLoop(cb) {
        this._loop = true;
        do {
          switch (this._state) {
            case GET_INFO:
              this.getInfo(cb);
              break;
            case GET_PAYLOAD_LENGTH_16:
              this.getPayloadLength16(cb);
              break;
            case GET_PAYLOAD_LENGTH_64:
              this.getPayloadLength64(cb);
              break;
            case GET_MASK:
              this.getMask();
              break;
            case GET_DATA:
              this.getData(cb);
              break;
            case INFLATING:
            case DEFER_EVENT:
              this._loop = false;
              return;
          }
        } while (this._loop);
        if (!this._errored) cb();
      }
      /**
       * Reads the first two bytes of a frame.
       *
       * @param {Function} cb Callback
       * @private
       */
      getInfo(cb) {
        if (this._bufferedBytes < 2) {
          this._loop = false;
          return;
        }
        const buf = this.consume(2);
        if ((buf[0] & 48) !== 0) {
          const error = this.createError(
            RangeError,
            "RSV2 and RSV3 must be clear",
            true,
            1002,
            "WS_ERR_UNEXPECTED_RSV_2_3"
          );
          cb(error);
          return;
        }
        const compressed = (buf[0] & 64) === 64;
        if (compressed && !this._extensions[PerMessageDeflate2.extensionName]) {
          const error = this.createError(
            RangeError,
            "RSV1 must be clear",
            true,
            1002,
            "WS_ERR_UNEXPECTED_RSV_1"
          );
          cb(error);
          return;
        }
        this._fin = (buf[0] & 128) === 128;
        this._opcode = buf[0] & 15;
        this._payloadLength = buf[1] & 127;
        if (this._opcode === 0) {
          if (compressed) {
            const error = this.createError(
              RangeError,
              "RSV1 must be clear",
              true,
              1002,
              "WS_ERR_UNEXPECTED_RSV_1"
            );
            cb(error);
            return;
          }
          if (!this._fragmented) {
            const error = this.createError(
              RangeError,
              "invalid opcode 0",
              true,
              1002,
              "WS_ERR_INVALID_OPCODE"
            );
            cb(error);
            return;
          }
          this._opcode = this._fragmented;
        } else if (this._opcode === 1 || this._opcode === 2) {
          if (this._fragmented) {
            const error = this.createError(
              RangeError,
              `invalid opcode ${this._opcode}`,
              true,
              1002,
              "WS_ERR_INVALID_OPCODE"
            );
            cb(error);
            return;
          }
          this._compressed = compressed;
        } else if (this._opcode > 7 && this._opcode < 11) {
          if (!this._fin) {
            const error = this.createError(
              RangeError,
              "FIN must be set",
              true,
              1002,
              "WS_ERR_EXPECTED_FIN"
            );
            cb(error);
            return;
          }
          if (compressed) {
            const error = this.createError(
              RangeError,
              "RSV1 must be clear",
              true,
              1002,
              "WS_ERR_UNEXPECTED_RSV_1"
            );
            cb(error);
            return;
          }
          if (this._payloadLength > 125 || this._opcode === 8 && this._payloadLength === 1) {
            const error = this.createError(
              RangeError,
              `invalid payload length ${this._payloadLength}`,
              true,
              1002,
              "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"
            );
            cb(error);
            return;
          }
        } else {
          const error = this.createError(
            RangeError,
            `invalid opcode ${this._opcode}`,
            true,
            1002,
            "WS_ERR_INVALID_OPCODE"
          );
          cb(error);
          return;
        }
        if (!this._fin && !this._fragmented) this._fragmented = this._opcode;
        this._masked = (buf[1] & 128) === 128;
        if (this._isServer) {
          if (!this._masked) {
            const error = this.createError(
              RangeError,
              "MASK must be set",
              true,
              1002,
              "WS_ERR_EXPECTED_MASK"
            );
            cb(error);
            return;
          }
        } else if (this._masked) {
          const error = this.createError(
            RangeError,
            "MASK must be clear",
            true,
            1002,
            "WS_ERR_UNEXPECTED_MASK"
          );
          cb(error);
          return;
        }
        if (this._payloadLength === 126) this._state = GET_PAYLOAD_LENGTH_16;
        else if (this._payloadLength === 127) this._state = GET_PAYLOAD_LENGTH_64;
        else this.haveLength(cb);
      }
      /**
       * Gets extended payload length (7+16).
       *
       * @param {Function} cb Callback
       * @private
       */
      getPayloadLength16(cb) {
        if (this._bufferedBytes < 2) {
          this._loop = false;
          return;
        }
        this._payloadLength = this.consume(2).readUInt16BE(0);
        this.haveLength(cb);
      }
      /**
       * Gets extended payload length (7+64).
       *
       * @param {Function} cb Callback
       * @private
       */
      getPayloadLength64(cb) {
        if (this._bufferedBytes < 8) {
          this._loop = false;
          return;
        }
        const buf = this.consume(8);
        const num = buf.readUInt32BE(0);
        if (num > Math.pow(2, 53 - 32) - 1) {
          const error = this.createError(
            RangeError,
            "Unsupported WebSocket frame: payload length > 2^53 - 1",
            false,
            1009,
            "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"
          );
          cb(error);
          return;
        }
        this._payloadLength = num * Math.pow(2, 32) + buf.readUInt32BE(4);
        this.haveLength(cb);
      }
      /**
       * Payload length has been read.
       *
       * @param {Function} cb Callback
       * @private
       */
      haveLength(cb) {
        if (this._payloadLength && this._opcode < 8) {
          this._totalPayloadLength += this._payloadLength;
          if (this._totalPayloadLength > this._maxPayload && this._maxPayload > 0) {
            const error = this.createError(
              RangeError,
              "Max payload size exceeded",
              false,
              1009,
              "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"
            );
            cb(error);
            return;
          }
        }
        if (this._masked) this._state = GET_MASK;
        else this._state = GET_DATA;
      }
      /**
       * Reads mask bytes.
       *
       * @private
       */
      getMask() {
        if (this._bufferedBytes < 4) {
          this._loop = false;
          return;
        }
        this._mask = this.consume(4);
        this._state = GET_DATA;
      }
      /**
       * Reads data bytes.
       *
       * @param {Function} cb Callback
       * @private
       */
      getData(cb) {
        let data = EMPTY_BUFFER;
        if (this._payloadLength) {
          if (this._bufferedBytes < this._payloadLength) {
            this._loop = false;
            return;
          }
          data = this.consume(this._payloadLength);
          if (this._masked && (this._mask[0] | this._mask[1] | this._mask[2] | this._mask[3]) !== 0) {
            unmask(data, this._mask);
          }
        }
        this._mask = void 0;
        if (this._opcode > 7) {
          this.controlMessage(data, cb);
          return;
        }
        if (this._maxFragments > 0 && ++this._numFragments > this._maxFragments) {
          const error = this.createError(
            RangeError,
            "Too many message fragments",
            false,
            1008,
            "WS_ERR_TOO_MANY_BUFFERED_PARTS"
          );
          cb(error);
          return;
        }
        if (this._compressed) {
          this._state = INFLATING;
          this.decompress(data, cb);
          return;
        }
        if (data.length) {
          this._messageLength = this._totalPayloadLength;
          this._fragments.push(data);
        }
        this.dataMessage(cb);
      }
      /**
       * Decompresses data.
       *
       * @param {Buffer} data Compressed data
       * @param {Function} cb Callback
       * @private
       */
      decompress(data, cb) {
        const perMessageDeflate = this._extensions[PerMessageDeflate2.extensionName];
        perMessageDeflate.decompress(data, this._fin, (err, buf) => {
          if (err) return cb(err);
          if (buf.length) {
            this._messageLength += buf.length;
            if (this._messageLength > this._maxPayload && this._maxPayload > 0) {
              const error = this.createError(
                RangeError,
                "Max payload size exceeded",
                false,
                1009,
                "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"
              );
              cb(error);
              return;
            }
            this._fragments.push(buf);
          }
          this.dataMessage(cb);
          if (this._state === GET_INFO) this.startLoop(cb);
        });
      }
      /**
       * Handles a data message.
       *
       * @param {Function} cb Callback
       * @private
       */
      dataMessage(cb) {
        if (!this._fin) {
          this._state = GET_INFO;
          return;
        }
        const messageLength = this._messageLength;
        const fragments = this._fragments;
        this._totalPayloadLength = 0;
        this._messageLength = 0;
        this._fragmented = 0;
        this._numFragments = 0;
        this._fragments = [];
        if (this._opcode === 2) {
          let data;
          if (this._binaryType === "nodebuffer") {
            data = concat2(fragments, messageLength);
          } else if (this._binaryType === "arraybuffer") {
            data = toArrayBuffer(concat2(fragments, messageLength));
          } else if (this._binaryType === "blob") {
            data = new Blob(fragments);
          } else {
            data = fragments;
          }
          if (this._allowSynchronousEvents) {
            this.emit("message", data, true);
            this._state = GET_INFO;
          } else {
            this._state = DEFER_EVENT;
            setImmediate(() => {
              this.emit("message", data, true);
              this._state = GET_INFO;
              this.startLoop(cb);
            });
          }
        } else {
          const buf = concat2(fragments, messageLength);
          if (!this._skipUTF8Validation && !isValidUTF8(buf)) {
            const error = this.createError(
              Error,
              "invalid UTF-8 sequence",
              true,
              1007,
              "WS_ERR_INVALID_UTF8"
            );
            cb(error);
            return;
          }
          if (this._state === INFLATING || this._allowSynchronousEvents) {
            this.emit("message", buf, false);
            this._state = GET_INFO;
          } else {
            this._state = DEFER_EVENT;
            setImmediate(() => {
              this.emit("message", buf, false);
              this._state = GET_INFO;
              this.startLoop(cb);
            });
          }
        }
      }
      /**
       * Handles a control message.
       *
       * @param {Buffer} data Data to handle
       * @return {(Error|RangeError|undefined)} A possible error
       * @private
       */
      controlMessage(data, cb) {
        if (this._opcode === 8) {
          if (data.length === 0) {
            this._loop = false;
            this.emit("conclude", 1005, EMPTY_BUFFER);
            this.end();
          } else {
            const code = data.readUInt16BE(0);
            if (!isValidStatusCode(code)) {
              const error = this.createError(
                RangeError,
                `invalid status code ${code}`,
                true,
                1002,
                "WS_ERR_INVALID_CLOSE_CODE"
              );
              cb(error);
              return;
            }
            const buf = new FastBuffer(
              data.buffer,
              data.byteOffset + 2,
              data.length - 2
            );
            if (!this._skipUTF8Validation && !isValidUTF8(buf)) {
              const error = this.createError(
                Error,
                "invalid UTF-8 sequence",
                true,
                1007,
                "WS_ERR_INVALID_UTF8"
              );
              cb(error);
              return;
            }
            this._loop = false;
            this.emit("conclude", code, buf);
            this.end();
          }
          this._state = GET_INFO;
          return;
        }
        if (this._allowSynchronousEvents) {
          this.emit(this._opcode === 9 ? "ping" : "pong", data);
          this._state = GET_INFO;
        } else {
          this._state = DEFER_EVENT;
          setImmediate(() => {
            this.emit(this._opcode === 9 ? "ping" : "pong", data);
            this._state = GET_INFO;
            this.startLoop(cb);
          });
        }
      }
      /**
       * Builds an error object.
       *
       * @param {function(new:Error|RangeError)} ErrorCtor The error constructor
       * @param {String} message The error message
       * @param {Boolean} prefix Specifies whether or not to add a default prefix to
       *     `message`
       * @param {Number} statusCode The status code
       * @param {String} errorCode The exposed error code
       * @return {(Error|RangeError)} The error
       * @private
       */
      createError(ErrorCtor, message, prefix, statusCode, errorCode) {
        this._loop = false;
        this._errored = true;
        const err = new ErrorCtor(
          prefix ? `Invalid WebSocket frame: ${message}` : message
        );
        Error.captureStackTrace(err, this.createError);
        err.code = errorCode;
        err[kStatusCode] = statusCode;
        return err;
      }
    };
    module.exports = Receiver2;
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/sender.js
var require_sender = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/sender.js"(exports, module) {
    "use strict";
    var { Duplex } = __require("stream");
    var { randomFillSync } = __require("crypto");
    var {
      types: { isUint8Array }
    } = __require("util");
    var PerMessageDeflate2 = require_permessage_deflate();
    var { EMPTY_BUFFER, kWebSocket, NOOP } = require_constants();
    var { isBlob, isValidStatusCode } = require_validation();
    var { mask: applyMask, toBuffer } = require_buffer_util();
    var kByteLength = /* @__PURE__ */ Symbol("kByteLength");
    var maskBuffer = Buffer.alloc(4);
    var RANDOM_POOL_SIZE = 8 * 1024;
    var randomPool;
    var randomPoolPointer = RANDOM_POOL_SIZE;
    var DEFAULT = 0;
    var DEFLATING = 1;
    var GET_BLOB_DATA = 2;
    var Sender2 = class _Sender {
      /**
       * Creates a Sender instance.
       *
       * @param {Duplex} socket The connection socket
       * @param {Object} [extensions] An object containing the negotiated extensions
       * @param {Function} [generateMask] The function used to generate the masking
       *     key
       */
      constructor(socket, extensions, generateMask) {
        this._extensions = extensions || {};
        if (generateMask) {
          this._generateMask = generateMask;
          this._maskBuffer = Buffer.alloc(4);
        }
        this._socket = socket;
        this._firstFragment = true;
        this._compress = false;
        this._bufferedBytes = 0;
        this._queue = [];
        this._state = DEFAULT;
        this.onerror = NOOP;
        this[kWebSocket] = void 0;
      }
      /**
       * Frames a piece of data according to the HyBi WebSocket protocol.
       *
       * @param {(Buffer|String)} data The data to frame
       * @param {Object} options Options object
       * @param {Boolean} [options.fin=false] Specifies whether or not to set the
       *     FIN bit
       * @param {Function} [options.generateMask] The function used to generate the
       *     masking key
       * @param {Boolean} [options.mask=false] Specifies whether or not to mask
       *     `data`
       * @param {Buffer} [options.maskBuffer] The buffer used to store the masking
       *     key
       * @param {Number} options.opcode The opcode
       * @param {Boolean} [options.readOnly=false] Specifies whether `data` can be
       *     modified
       * @param {Boolean} [options.rsv1=false] Specifies whether or not to set the
       *     RSV1 bit
       * @return {(Buffer|String)[]} The framed data
       * @public
       */
      static frame(data, options) {
        let mask;
        let merge = false;
        let offset = 2;
        let skipMasking = false;
        if (options.mask) {
          mask = options.maskBuffer || maskBuffer;
          if (options.generateMask) {
            options.generateMask(mask);
          } else {
            if (randomPoolPointer === RANDOM_POOL_SIZE) {
              if (randomPool === void 0) {
                randomPool = Buffer.alloc(RANDOM_POOL_SIZE);
              }
              randomFillSync(randomPool, 0, RANDOM_POOL_SIZE);
              randomPoolPointer = 0;
            }
            mask[0] = randomPool[randomPoolPointer++];
            mask[1] = randomPool[randomPoolPointer++];
            mask[2] = randomPool[randomPoolPointer++];
            mask[3] = randomPool[randomPoolPointer++];
          }
          skipMasking = (mask[0] | mask[1] | mask[2] | mask[3]) === 0;
          offset = 6;
        }
        let dataLength;
        if (typeof data === "string") {
          if ((!options.mask || skipMasking) && options[kByteLength] !== void 0) {
            dataLength = options[kByteLength];
          } else {
            data = Buffer.from(data);
            dataLength = data.length;
          }
        } else {
          dataLength = data.length;
          merge = options.mask && options.readOnly && !skipMasking;
        }
        let payloadLength = dataLength;
        if (dataLength >= 65536) {
          offset += 8;
          payloadLength = 127;
        } else if (dataLength > 125) {
          offset += 2;
          payloadLength = 126;
        }
        const target = Buffer.allocUnsafe(merge ? dataLength + offset : offset);
        target[0] = options.fin ? options.opcode | 128 : options.opcode;
        if (options.rsv1) target[0] |= 64;
        target[1] = payloadLength;
        if (payloadLength === 126) {
          target.writeUInt16BE(dataLength, 2);
        } else if (payloadLength === 127) {
          target[2] = target[3] = 0;
          target.writeUIntBE(dataLength, 4, 6);
        }
        if (!options.mask) {
          return dataLength ? [target, data] : [target];
        }
        target[1] |= 128;
        target[offset - 4] = mask[0];
        target[offset - 3] = mask[1];
        target[offset - 2] = mask[2];
        target[offset - 1] = mask[3];
        if (!dataLength) return [target];
        if (skipMasking) return [target, data];
        if (merge) {
          applyMask(data, mask, target, offset, dataLength);
          return [target];
        }
        applyMask(data, mask, data, 0, dataLength);
        return [target, data];
      }
      /**
       * Sends a close message to the other peer.
       *
       * @param {Number} [code] The status code component of the body
       * @param {(String|Buffer)} [data] The message component of the body
       * @param {Boolean} [mask=false] Specifies whether or not to mask the message
       * @param {Function} [cb] Callback
       * @public
       */
      close(code, data, mask, cb) {
        let buf;
        if (code === void 0) {
          buf = EMPTY_BUFFER;
        } else if (typeof code !== "number" || !isValidStatusCode(code)) {
          throw new TypeError("First argument must be a valid error code number");
        } else if (data === void 0 || !data.length) {
          buf = Buffer.allocUnsafe(2);
          buf.writeUInt16BE(code, 0);
        } else {
          const length = Buffer.byteLength(data);
          if (length > 123) {
            throw new RangeError("The message must not be greater than 123 bytes");
          }
          buf = Buffer.allocUnsafe(2 + length);
          buf.writeUInt16BE(code, 0);
          if (typeof data === "string") {
            buf.write(data, 2);
          } else if (isUint8Array(data)) {
            buf.set(data, 2);
          } else {
            throw new TypeError("Second argument must be a string or a Uint8Array");
          }
        }
        const options = {
          [kByteLength]: buf.length,
          fin: true,
          generateMask: this._generateMask,
          mask,
          maskBuffer: this._maskBuffer,
          opcode: 8,
          readOnly: false,
          rsv1: false
        };
        if (this._state !== DEFAULT) {
          this.enqueue([this.dispatch, buf, false, options, cb]);
        } else {
          this.sendFrame(_Sender.frame(buf, options), cb);
        }
      }
      /**
       * Sends a ping message to the other peer.
       *
       * @param {*} data The message to send
       * @param {Boolean} [mask=false] Specifies whether or not to mask `data`
       * @param {Function} [cb] Callback
       * @public
       */
      ping(data, mask, cb) {
        let byteLength;
        let readOnly;
        if (typeof data === "string") {
          byteLength = Buffer.byteLength(data);
          readOnly = false;
        } else if (isBlob(data)) {
          byteLength = data.size;
          readOnly = false;
        } else {
          data = toBuffer(data);
          byteLength = data.length;
          readOnly = toBuffer.readOnly;
        }
        if (byteLength > 125) {
          throw new RangeError("The data size must not be greater than 125 bytes");
        }
        const options = {
          [kByteLength]: byteLength,
          fin: true,
          generateMask: this._generateMask,
          mask,
          maskBuffer: this._maskBuffer,
          opcode: 9,
          readOnly,
          rsv1: false
        };
        if (isBlob(data)) {
          if (this._state !== DEFAULT) {
            this.enqueue([this.getBlobData, data, false, options, cb]);
          } else {
            this.getBlobData(data, false, options, cb);
          }
        } else if (this._state !== DEFAULT) {
          this.enqueue([this.dispatch, data, false, options, cb]);
        } else {
          this.sendFrame(_Sender.frame(data, options), cb);
        }
      }
      /**
       * Sends a pong message to the other peer.
       *
       * @param {*} data The message to send
       * @param {Boolean} [mask=false] Specifies whether or not to mask `data`
       * @param {Function} [cb] Callback
       * @public
       */
      pong(data, mask, cb) {
        let byteLength;
        let readOnly;
        if (typeof data === "string") {
          byteLength = Buffer.byteLength(data);
          readOnly = false;
        } else if (isBlob(data)) {
          byteLength = data.size;
          readOnly = false;
        } else {
          data = toBuffer(data);
          byteLength = data.length;
          readOnly = toBuffer.readOnly;
        }
        if (byteLength > 125) {
          throw new RangeError("The data size must not be greater than 125 bytes");
        }
        const options = {
          [kByteLength]: byteLength,
          fin: true,
          generateMask: this._generateMask,
          mask,
          maskBuffer: this._maskBuffer,
          opcode: 10,
          readOnly,
          rsv1: false
        };
        if (isBlob(data)) {
          if (this._state !== DEFAULT) {
            this.enqueue([this.getBlobData, data, false, options, cb]);
          } else {
            this.getBlobData(data, false, options, cb);
          }
        } else if (this._state !== DEFAULT) {
          this.enqueue([this.dispatch, data, false, options, cb]);
        } else {
          this.sendFrame(_Sender.frame(data, options), cb);
        }
      }
      /**
       * Sends a data message to the other peer.
       *
       * @param {*} data The message to send
       * @param {Object} options Options object
       * @param {Boolean} [options.binary=false] Specifies whether `data` is binary
       *     or text
       * @param {Boolean} [options.compress=false] Specifies whether or not to
       *     compress `data`
       * @param {Boolean} [options.fin=false] Specifies whether the fragment is the
       *     last one
       * @param {Boolean} [options.mask=false] Specifies whether or not to mask
       *     `data`
       * @param {Function} [cb] Callback
       * @public
       */
      send(data, options, cb) {
        const perMessageDeflate = this._extensions[PerMessageDeflate2.extensionName];
        let opcode = options.binary ? 2 : 1;
        let rsv1 = options.compress;
        let byteLength;
        let readOnly;
        if (typeof data === "string") {
          byteLength = Buffer.byteLength(data);
          readOnly = false;
        } else if (isBlob(data)) {
          byteLength = data.size;
          readOnly = false;
        } else {
          data = toBuffer(data);
          byteLength = data.length;
          readOnly = toBuffer.readOnly;
        }
        if (this._firstFragment) {
          this._firstFragment = false;
          if (rsv1 && perMessageDeflate && perMessageDeflate.params[perMessageDeflate._isServer ? "server_no_context_takeover" : "client_no_context_takeover"]) {
            rsv1 = byteLength >= perMessageDeflate._threshold;
          }
          this._compress = rsv1;
        } else {
          rsv1 = false;
          opcode = 0;
        }
        if (options.fin) this._firstFragment = true;
        const opts = {
          [kByteLength]: byteLength,
          fin: options.fin,
          generateMask: this._generateMask,
          mask: options.mask,
          maskBuffer: this._maskBuffer,
          opcode,
          readOnly,
          rsv1
        };
        if (isBlob(data)) {
          if (this._state !== DEFAULT) {
            this.enqueue([this.getBlobData, data, this._compress, opts, cb]);
          } else {
            this.getBlobData(data, this._compress, opts, cb);
          }
        } else if (this._state !== DEFAULT) {
          this.enqueue([this.dispatch, data, this._compress, opts, cb]);
        } else {
          this.dispatch(data, this._compress, opts, cb);
        }
      }
      /**
       * Gets the contents of a blob as binary data.
       *
       * @param {Blob} blob The blob
       * @param {Boolean} [compress=false] Specifies whether or not to compress
       *     the data
       * @param {Object} options Options object
       * @param {Boolean} [options.fin=false] Specifies whether or not to set the
       *     FIN bit
       * @param {Function} [options.generateMask] The function used to generate the
       *     masking key
       * @param {Boolean} [options.mask=false] Specifies whether or not to mask
       *     `data`
       * @param {Buffer} [options.maskBuffer] The buffer used to store the masking
       *     key
       * @param {Number} options.opcode The opcode
       * @param {Boolean} [options.readOnly=false] Specifies whether `data` can be
       *     modified
       * @param {Boolean} [options.rsv1=false] Specifies whether or not to set the
       *     RSV1 bit
       * @param {Function} [cb] Callback
       * @private
       */
      getBlobData(blob, compress, options, cb) {
        this._bufferedBytes += options[kByteLength];
        this._state = GET_BLOB_DATA;
        blob.arrayBuffer().then((arrayBuffer) => {
          if (this._socket.destroyed) {
            const err = new Error(
              "The socket was closed while the blob was being read"
            );
            process.nextTick(callCallbacks, this, err, cb);
            return;
          }
          this._bufferedBytes -= options[kByteLength];
          const data = toBuffer(arrayBuffer);
          if (!compress) {
            this._state = DEFAULT;
            this.sendFrame(_Sender.frame(data, options), cb);
            this.dequeue();
          } else {
            this.dispatch(data, compress, options, cb);
          }
        }).catch((err) => {
          process.nextTick(onError, this, err, cb);
        });
      }
      /**
       * Dispatches a message.
       *
       * @param {(Buffer|String)} data The message to send
       * @param {Boolean} [compress=false] Specifies whether or not to compress
       *     `data`
       * @param {Object} options Options object
       * @param {Boolean} [options.fin=false] Specifies whether or not to set the
       *     FIN bit
       * @param {Function} [options.generateMask] The function used to generate the
       *     masking key
       * @param {Boolean} [options.mask=false] Specifies whether or not to mask
       *     `data`
       * @param {Buffer} [options.maskBuffer] The buffer used to store the masking
       *     key
       * @param {Number} options.opcode The opcode
       * @param {Boolean} [options.readOnly=false] Specifies whether `data` can be
       *     modified
       * @param {Boolean} [options.rsv1=false] Specifies whether or not to set the
       *     RSV1 bit
       * @param {Function} [cb] Callback
       * @private
       */
      dispatch(data, compress, options, cb) {
        if (!compress) {
          this.sendFrame(_Sender.frame(data, options), cb);
          return;
        }
        const perMessageDeflate = this._extensions[PerMessageDeflate2.extensionName];
        this._bufferedBytes += options[kByteLength];
        this._state = DEFLATING;
        perMessageDeflate.compress(data, options.fin, (_, buf) => {
          if (this._socket.destroyed) {
            const err = new Error(
              "The socket was closed while data was being compressed"
            );
            callCallbacks(this, err, cb);
            return;
          }
          this._bufferedBytes -= options[kByteLength];
          this._state = DEFAULT;
          options.readOnly = false;
          this.sendFrame(_Sender.frame(buf, options), cb);
          this.dequeue();
        });
      }
      /**
       * Executes queued send operations.
       *
       * @private
       */
      dequeue() {
        while (this._state === DEFAULT && this._queue.length) {
          const params = this._queue.shift();
          this._bufferedBytes -= params[3][kByteLength];
          Reflect.apply(params[0], this, params.slice(1));
        }
      }
      /**
       * Enqueues a send operation.
       *
       * @param {Array} params Send operation parameters.
       * @private
       */
      enqueue(params) {
        this._bufferedBytes += params[3][kByteLength];
        this._queue.push(params);
      }
      /**
       * Sends a frame.
       *
       * @param {(Buffer | String)[]} list The frame to send
       * @param {Function} [cb] Callback
       * @private
       */
      sendFrame(list, cb) {
        if (list.length === 2) {
          this._socket.cork();
          this._socket.write(list[0]);
          this._socket.write(list[1], cb);
          this._socket.uncork();
        } else {
          this._socket.write(list[0], cb);
        }
      }
    };
    module.exports = Sender2;
    function callCallbacks(sender, err, cb) {
      if (typeof cb === "function") cb(err);
      for (let i = 0; i < sender._queue.length; i++) {
        const params = sender._queue[i];
        const callback = params[params.length - 1];
        if (typeof callback === "function") callback(err);
      }
    }
    function onError(sender, err, cb) {
      callCallbacks(sender, err, cb);
      sender.onerror(err);
    }
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/event-target.js
var require_event_target = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/event-target.js"(exports, module) {
    "use strict";
    var { kForOnEventAttribute, kListener } = require_constants();
    var kCode = /* @__PURE__ */ Symbol("kCode");
    var kData = /* @__PURE__ */ Symbol("kData");
    var kError = /* @__PURE__ */ Symbol("kError");
    var kMessage = /* @__PURE__ */ Symbol("kMessage");
    var kReason = /* @__PURE__ */ Symbol("kReason");
    var kTarget = /* @__PURE__ */ Symbol("kTarget");
    var kType = /* @__PURE__ */ Symbol("kType");
    var kWasClean = /* @__PURE__ */ Symbol("kWasClean");
    var Event = class {
      /**
       * Create a new `Event`.
       *
       * @param {String} type The name of the event
       * @throws {TypeError} If the `type` argument is not specified
       */
      constructor(type) {
        this[kTarget] = null;
        this[kType] = type;
      }
      /**
       * @type {*}
       */
      get target() {
        return this[kTarget];
      }
      /**
       * @type {String}
       */
      get type() {
        return this[kType];
      }
    };
    Object.defineProperty(Event.prototype, "target", { enumerable: true });
    Object.defineProperty(Event.prototype, "type", { enumerable: true });
    var CloseEvent = class extends Event {
      /**
       * Create a new `CloseEvent`.
       *
       * @param {String} type The name of the event
       * @param {Object} [options] A dictionary object that allows for setting
       *     attributes via object members of the same name
       * @param {Number} [options.code=0] The status code explaining why the
       *     connection was closed
       * @param {String} [options.reason=''] A human-readable string explaining why
       *     the connection was closed
       * @param {Boolean} [options.wasClean=false] Indicates whether or not the
       *     connection was cleanly closed
       */
      constructor(type, options = {}) {
        super(type);
        this[kCode] = options.code === void 0 ? 0 : options.code;
        this[kReason] = options.reason === void 0 ? "" : options.reason;
        this[kWasClean] = options.wasClean === void 0 ? false : options.wasClean;
      }
      /**
       * @type {Number}
       */
      get code() {
        return this[kCode];
      }
      /**
       * @type {String}
       */
      get reason() {
        return this[kReason];
      }
      /**
       * @type {Boolean}
       */
      get wasClean() {
        return this[kWasClean];
      }
    };
    Object.defineProperty(CloseEvent.prototype, "code", { enumerable: true });
    Object.defineProperty(CloseEvent.prototype, "reason", { enumerable: true });
    Object.defineProperty(CloseEvent.prototype, "wasClean", { enumerable: true });
    var ErrorEvent = class extends Event {
      /**
       * Create a new `ErrorEvent`.
       *
       * @param {String} type The name of the event
       * @param {Object} [options] A dictionary object that allows for setting
       *     attributes via object members of the same name
       * @param {*} [options.error=null] The error that generated this event
       * @param {String} [options.message=''] The error message
       */
      constructor(type, options = {}) {
        super(type);
        this[kError] = options.error === void 0 ? null : options.error;
        this[kMessage] = options.message === void 0 ? "" : options.message;
      }
      /**
       * @type {*}
       */
      get error() {
        return this[kError];
      }
      /**
       * @type {String}
       */
      get message() {
        return this[kMessage];
      }
    };
    Object.defineProperty(ErrorEvent.prototype, "error", { enumerable: true });
    Object.defineProperty(ErrorEvent.prototype, "message", { enumerable: true });
    var MessageEvent = class extends Event {
      /**
       * Create a new `MessageEvent`.
       *
       * @param {String} type The name of the event
       * @param {Object} [options] A dictionary object that allows for setting
       *     attributes via object members of the same name
       * @param {*} [options.data=null] The message content
       */
      constructor(type, options = {}) {
        super(type);
        this[kData] = options.data === void 0 ? null : options.data;
      }
      /**
       * @type {*}
       */
      get data() {
        return this[kData];
      }
    };
    Object.defineProperty(MessageEvent.prototype, "data", { enumerable: true });
    var EventTarget = {
      /**
       * Register an event listener.
       *
       * @param {String} type A string representing the event type to listen for
       * @param {(Function|Object)} handler The listener to add
       * @param {Object} [options] An options object specifies characteristics about
       *     the event listener
       * @param {Boolean} [options.once=false] A `Boolean` indicating that the
       *     listener should be invoked at most once after being added. If `true`,
       *     the listener would be automatically removed when invoked.
       * @public
       */
      addEventListener(type, handler, options = {}) {
        for (const listener of this.listeners(type)) {
          if (!options[kForOnEventAttribute] && listener[kListener] === handler && !listener[kForOnEventAttribute]) {
            return;
          }
        }
        let wrapper;
        if (type === "message") {
          wrapper = function onMessage(data, isBinary) {
            const event = new MessageEvent("message", {
              data: isBinary ? data : data.toString()
            });
            event[kTarget] = this;
            callListener(handler, this, event);
          };
        } else if (type === "close") {
          wrapper = function onClose(code, message) {
            const event = new CloseEvent("close", {
              code,
              reason: message.toString(),
              wasClean: this._closeFrameReceived && this._closeFrameSent
            });
            event[kTarget] = this;
            callListener(handler, this, event);
          };
        } else if (type === "error") {
          wrapper = function onError(error) {
            const event = new ErrorEvent("error", {
              error,
              message: error.message
            });
            event[kTarget] = this;
            callListener(handler, this, event);
          };
        } else if (type === "open") {
          wrapper = function onOpen() {
            const event = new Event("open");
            event[kTarget] = this;
            callListener(handler, this, event);
          };
        } else {
          return;
        }
        wrapper[kForOnEventAttribute] = !!options[kForOnEventAttribute];
        wrapper[kListener] = handler;
        if (options.once) {
          this.once(type, wrapper);
        } else {
          this.on(type, wrapper);
        }
      },
      /**
       * Remove an event listener.
       *
       * @param {String} type A string representing the event type to remove
       * @param {(Function|Object)} handler The listener to remove
       * @public
       */
      removeEventListener(type, handler) {
        for (const listener of this.listeners(type)) {
          if (listener[kListener] === handler && !listener[kForOnEventAttribute]) {
            this.removeListener(type, listener);
            break;
          }
        }
      }
    };
    module.exports = {
      CloseEvent,
      ErrorEvent,
      Event,
      EventTarget,
      MessageEvent
    };
    function callListener(listener, thisArg, event) {
      if (typeof listener === "object" && listener.handleEvent) {
        listener.handleEvent.call(listener, event);
      } else {
        listener.call(thisArg, event);
      }
    }
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/extension.js
var require_extension = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/extension.js"(exports, module) {
    "use strict";
    var { tokenChars } = require_validation();
    function push(dest, name2, elem) {
      if (dest[name2] === void 0) dest[name2] = [elem];
      else dest[name2].push(elem);
    }
    function parse(header) {
      const offers = /* @__PURE__ */ Object.create(null);
      let params = /* @__PURE__ */ Object.create(null);
      let mustUnescape = false;
      let isEscaping = false;
      let inQuotes = false;
      let extensionName;
      let paramName;
      let start = -1;
      let code = -1;
      let end = -1;
      let i = 0;
      for (; i < header.length; i++) {
        code = header.charCodeAt(i);
        if (extensionName === void 0) {
          if (end === -1 && tokenChars[code] === 1) {
            if (start === -1) start = i;
          } else if (i !== 0 && (code === 32 || code === 9)) {
            if (end === -1 && start !== -1) end = i;
          } else if (code === 59 || code === 44) {
            if (start === -1) {
              throw new SyntaxError(`Unexpected character at index ${i}`);
            }
            if (end === -1) end = i;
            const name2 = header.slice(start, end);
            if (code === 44) {
              push(offers, name2, params);
              params = /* @__PURE__ */ Object.create(null);
            } else {
              extensionName = name2;
            }
            start = end = -1;
          } else {
            throw new SyntaxError(`Unexpected character at index ${i}`);
          }
        } else if (paramName === void 0) {
          if (end === -1 && tokenChars[code] === 1) {
            if (start === -1) start = i;
          } else if (code === 32 || code === 9) {
            if (end === -1 && start !== -1) end = i;
          } else if (code === 59 || code === 44) {
            if (start === -1) {
              throw new SyntaxError(`Unexpected character at index ${i}`);
            }
            if (end === -1) end = i;
            push(params, header.slice(start, end), true);
            if (code === 44) {
              push(offers, extensionName, params);
              params = /* @__PURE__ */ Object.create(null);
              extensionName = void 0;
            }
            start = end = -1;
          } else if (code === 61 && start !== -1 && end === -1) {
            paramName = header.slice(start, i);
            start = end = -1;
          } else {
            throw new SyntaxError(`Unexpected character at index ${i}`);
          }
        } else {
          if (isEscaping) {
            if (tokenChars[code] !== 1) {
              throw new SyntaxError(`Unexpected character at index ${i}`);
            }
            if (start === -1) start = i;
            else if (!mustUnescape) mustUnescape = true;
            isEscaping = false;
          } else if (inQuotes) {
            if (tokenChars[code] === 1) {
              if (start === -1) start = i;
            } else if (code === 34 && start !== -1) {
              inQuotes = false;
              end = i;
            } else if (code === 92) {
              isEscaping = true;
            } else {
              throw new SyntaxError(`Unexpected character at index ${i}`);
            }
          } else if (code === 34 && header.charCodeAt(i - 1) === 61) {
            inQuotes = true;
          } else if (end === -1 && tokenChars[code] === 1) {
            if (start === -1) start = i;
          } else if (start !== -1 && (code === 32 || code === 9)) {
            if (end === -1) end = i;
          } else if (code === 59 || code === 44) {
            if (start === -1) {
              throw new SyntaxError(`Unexpected character at index ${i}`);
            }
            if (end === -1) end = i;
            let value = header.slice(start, end);
            if (mustUnescape) {
              value = value.replace(/\\/g, "");
              mustUnescape = false;
            }
            push(params, paramName, value);
            if (code === 44) {
              push(offers, extensionName, params);
              params = /* @__PURE__ */ Object.create(null);
              extensionName = void 0;
            }
            paramName = void 0;
            start = end = -1;
          } else {
            throw new SyntaxError(`Unexpected character at index ${i}`);
          }
        }
      }
      if (start === -1 || inQuotes || code === 32 || code === 9) {
        throw new SyntaxError("Unexpected end of input");
      }
      if (end === -1) end = i;
      const token = header.slice(start, end);
      if (extensionName === void 0) {
        push(offers, token, params);
      } else {
        if (paramName === void 0) {
          push(params, token, true);
        } else if (mustUnescape) {
          push(params, paramName, token.replace(/\\/g, ""));
        } else {
          push(params, paramName, token);
        }
        push(offers, extensionName, params);
      }
      return offers;
    }
    function format(extensions) {
      return Object.keys(extensions).map((extension2) => {
        let configurations = extensions[extension2];
        if (!Array.isArray(configurations)) configurations = [configurations];
        return configurations.map((params) => {
          return [extension2].concat(
            Object.keys(params).map((k) => {
              let values = params[k];
              if (!Array.isArray(values)) values = [values];
              return values.map((v) => v === true ? k : `${k}=${v}`).join("; ");
            })
          ).join("; ");
        }).join(", ");
      }).join(", ");
    }
    module.exports = { format, parse };
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/websocket.js
var require_websocket = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/websocket.js"(exports, module) {
    "use strict";
    var EventEmitter = __require("events");
    var https2 = __require("https");
    var http2 = __require("http");
    var net = __require("net");
    var querystring = __require("querystring");
    var tls = __require("tls");
    var { randomBytes, createHash } = __require("crypto");
    var { Duplex, Readable } = __require("stream");
    var { URL } = __require("url");
    var PerMessageDeflate2 = require_permessage_deflate();
    var Receiver2 = require_receiver();
    var Sender2 = require_sender();
    var { isBlob } = require_validation();
    var {
      BINARY_TYPES,
      CLOSE_TIMEOUT,
      EMPTY_BUFFER,
      GUID,
      kForOnEventAttribute,
      kListener,
      kStatusCode,
      kWebSocket,
      NOOP
    } = require_constants();
    var {
      EventTarget: { addEventListener, removeEventListener }
    } = require_event_target();
    var { format, parse } = require_extension();
    var { toBuffer } = require_buffer_util();
    var kAborted = /* @__PURE__ */ Symbol("kAborted");
    var protocolVersions = [8, 13];
    var readyStates = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
    var subprotocolRegex = /^[!#$%&'*+\-.0-9A-Z^_`|a-z~]+$/;
    var WebSocket2 = class _WebSocket extends EventEmitter {
      /**
       * Create a new `WebSocket`.
       *
       * @param {(String|URL)} address The URL to which to connect
       * @param {(String|String[])} [protocols] The subprotocols
       * @param {Object} [options] Connection options
       */
      constructor(address, protocols, options) {
        super();
        this._binaryType = BINARY_TYPES[0];
        this._closeCode = 1006;
        this._closeFrameReceived = false;
        this._closeFrameSent = false;
        this._closeMessage = EMPTY_BUFFER;
        this._closeTimer = null;
        this._errorEmitted = false;
        this._extensions = {};
        this._paused = false;
        this._protocol = "";
        this._readyState = _WebSocket.CONNECTING;
        this._receiver = null;
        this._sender = null;
        this._socket = null;
        if (address !== null) {
          this._bufferedAmount = 0;
          this._isServer = false;
          this._redirects = 0;
          if (protocols === void 0) {
            if (!options || options.protocols === void 0) {
              protocols = [];
            } else if (Array.isArray(options.protocols)) {
              protocols = options.protocols;
            } else {
              protocols = [options.protocols];
            }
          } else if (!Array.isArray(protocols)) {
            if (typeof protocols === "object" && protocols !== null) {
              options = protocols;
              if (options.protocols === void 0) {
                protocols = [];
              } else if (Array.isArray(options.protocols)) {
                protocols = options.protocols;
              } else {
                protocols = [options.protocols];
              }
            } else {
              protocols = [protocols];
            }
          }
          options = initAsClient(this, address, protocols, options);
        } else {
          this._isServer = true;
        }
        if (options.autoPong) {
          this._autoPong = true;
          this._autoPongComplete = () => autoPongComplete(this);
          this._pendingAutoPongs = 0;
          this._maxPendingAutoPongs = options.maxPendingAutoPongs | 0;
        }
        this._closeTimeout = options.closeTimeout;
      }
      /**
       * For historical reasons, the custom "nodebuffer" type is used by the default
       * instead of "blob".
       *
       * @type {String}
       */
      get binaryType() {
        return this._binaryType;
      }
      set binaryType(type) {
        if (!BINARY_TYPES.includes(type)) return;
        this._binaryType = type;
        if (this._receiver) this._receiver._binaryType = type;
      }
      /**
       * @type {Number}
       */
      get bufferedAmount() {
        if (!this._socket) return this._bufferedAmount;
        return this._socket._writableState.length + this._sender._bufferedBytes;
      }
      /**
       * @type {String}
       */
      get extensions() {
        return Object.keys(this._extensions).join();
      }
      /**
       * @type {Boolean}
       */
      get isPaused() {
        return this._paused;
      }
      /**
       * @type {Function}
       */
      /* istanbul ignore next */
      get onclose() {
        return null;
      }
      /**
       * @type {Function}
       */
      /* istanbul ignore next */
      get onerror() {
        return null;
      }
      /**
       * @type {Function}
       */
      /* istanbul ignore next */
      get onopen() {
        return null;
      }
      /**
       * @type {Function}
       */
      /* istanbul ignore next */
      get onmessage() {
        return null;
      }
      /**
       * @type {String}
       */
      get protocol() {
        return this._protocol;
      }
      /**
       * @type {Number}
       */
      get readyState() {
        return this._readyState;
      }
      /**
       * @type {String}
       */
      get url() {
        return this._url;
      }
      /**
       * Set up the socket and the internal resources.
       *
       * @param {Duplex} socket The network socket between the server and client
       * @param {Buffer} head The first packet of the upgraded stream
       * @param {Object} options Options object
       * @param {Boolean} [options.allowSynchronousEvents=false] Specifies whether
       *     any of the `'message'`, `'ping'`, and `'pong'` events can be emitted
       *     multiple times in the same tick
       * @param {Function} [options.generateMask] The function used to generate the
       *     masking key
       * @param {Number} [options.maxBufferedChunks=0] The maximum number of
       *     buffered data chunks
       * @param {Number} [options.maxFragments=0] The maximum number of message
       *     fragments
       * @param {Number} [options.maxPayload=0] The maximum allowed message size
       * @param {Boolean} [options.skipUTF8Validation=false] Specifies whether or
       *     not to skip UTF-8 validation for text and close messages
       * @private
       */
      setSocket(socket, head, options) {
        const receiver = new Receiver2({
          allowSynchronousEvents: options.allowSynchronousEvents,
          binaryType: this.binaryType,
          extensions: this._extensions,
          isServer: this._isServer,
          maxBufferedChunks: options.maxBufferedChunks,
          maxFragments: options.maxFragments,
          maxPayload: options.maxPayload,
          skipUTF8Validation: options.skipUTF8Validation
        });
        const sender = new Sender2(socket, this._extensions, options.generateMask);
        this._receiver = receiver;
        this._sender = sender;
        this._socket = socket;
        receiver[kWebSocket] = this;
        sender[kWebSocket] = this;
        socket[kWebSocket] = this;
        receiver.on("conclude", receiverOnConclude);
        receiver.on("drain", receiverOnDrain);
        receiver.on("error", receiverOnError);
        receiver.on("message", receiverOnMessage);
        receiver.on("ping", receiverOnPing);
        receiver.on("pong", receiverOnPong);
        sender.onerror = senderOnError;
        if (socket.setTimeout) socket.setTimeout(0);
        if (socket.setNoDelay) socket.setNoDelay();
        if (head.length > 0) socket.unshift(head);
        socket.on("close", socketOnClose);
        socket.on("data", socketOnData);
        socket.on("end", socketOnEnd);
        socket.on("error", socketOnError);
        this._readyState = _WebSocket.OPEN;
        this.emit("open");
      }
      /**
       * Emit the `'close'` event.
       *
       * @private
       */
      emitClose() {
        if (!this._socket) {
          this._readyState = _WebSocket.CLOSED;
          this.emit("close", this._closeCode, this._closeMessage);
          return;
        }
        if (this._extensions[PerMessageDeflate2.extensionName]) {
          this._extensions[PerMessageDeflate2.extensionName].cleanup();
        }
        this._receiver.removeAllListeners();
        this._readyState = _WebSocket.CLOSED;
        this.emit("close", this._closeCode, this._closeMessage);
      }
      /**
       * Start a closing handshake.
       *
       *          +----------+   +-----------+   +----------+
       *     - - -|ws.close()|-->|close frame|-->|ws.close()|- - -
       *    |     +----------+   +-----------+   +----------+     |
       *          +----------+   +-----------+         |
       * CLOSING  |ws.close()|<--|close frame|<--+-----+       CLOSING
       *          +----------+   +-----------+   |
       *    |           |                        |   +---+        |
       *                +------------------------+-->|fin| - - - -
       *    |         +---+                      |   +---+
       *     - - - - -|fin|<---------------------+
       *              +---+
       *
       * @param {Number} [code] Status code explaining why the connection is closing
       * @param {(String|Buffer)} [data] The reason why the connection is
       *     closing
       * @public
       */
      close(code, data) {
        if (this.readyState === _WebSocket.CLOSED) return;
        if (this.readyState === _WebSocket.CONNECTING) {
          const msg = "WebSocket was closed before the connection was established";
          abortHandshake(this, this._req, msg);
          return;
        }
        if (this.readyState === _WebSocket.CLOSING) {
          if (this._closeFrameSent && (this._closeFrameReceived || this._receiver._writableState.errorEmitted)) {
            this._socket.end();
          }
          return;
        }
        this._sender.close(code, data, !this._isServer, (err) => {
          if (err) return;
          this._closeFrameSent = true;
          if (this._closeFrameReceived || this._receiver._writableState.errorEmitted) {
            this._socket.end();
          }
        });
        this._readyState = _WebSocket.CLOSING;
        setCloseTimer(this);
      }
      /**
       * Pause the socket.
       *
       * @public
       */
      pause() {
        if (this.readyState === _WebSocket.CONNECTING || this.readyState === _WebSocket.CLOSED) {
          return;
        }
        this._paused = true;
        this._socket.pause();
      }
      /**
       * Send a ping.
       *
       * @param {*} [data] The data to send
       * @param {Boolean} [mask] Indicates whether or not to mask `data`
       * @param {Function} [cb] Callback which is executed when the ping is sent
       * @public
       */
      ping(data, mask, cb) {
        if (this.readyState === _WebSocket.CONNECTING) {
          throw new Error("WebSocket is not open: readyState 0 (CONNECTING)");
        }
        if (typeof data === "function") {
          cb = data;
          data = mask = void 0;
        } else if (typeof mask === "function") {
          cb = mask;
          mask = void 0;
        }
        if (typeof data === "number") data = data.toString();
        if (this.readyState !== _WebSocket.OPEN) {
          sendAfterClose(this, data, cb);
          return;
        }
        if (mask === void 0) mask = !this._isServer;
        this._sender.ping(data || EMPTY_BUFFER, mask, cb);
      }
      /**
       * Send a pong.
       *
       * @param {*} [data] The data to send
       * @param {Boolean} [mask] Indicates whether or not to mask `data`
       * @param {Function} [cb] Callback which is executed when the pong is sent
       * @public
       */
      pong(data, mask, cb) {
        if (this.readyState === _WebSocket.CONNECTING) {
          throw new Error("WebSocket is not open: readyState 0 (CONNECTING)");
        }
        if (typeof data === "function") {
          cb = data;
          data = mask = void 0;
        } else if (typeof mask === "function") {
          cb = mask;
          mask = void 0;
        }
        if (typeof data === "number") data = data.toString();
        if (this.readyState !== _WebSocket.OPEN) {
          sendAfterClose(this, data, cb);
          return;
        }
        if (mask === void 0) mask = !this._isServer;
        this._sender.pong(data || EMPTY_BUFFER, mask, cb);
      }
      /**
       * Resume the socket.
       *
       * @public
       */
      resume() {
        if (this.readyState === _WebSocket.CONNECTING || this.readyState === _WebSocket.CLOSED) {
          return;
        }
        this._paused = false;
        if (!this._receiver._writableState.needDrain) this._socket.resume();
      }
      /**
       * Send a data message.
       *
       * @param {*} data The message to send
       * @param {Object} [options] Options object
       * @param {Boolean} [options.binary] Specifies whether `data` is binary or
       *     text
       * @param {Boolean} [options.compress] Specifies whether or not to compress
       *     `data`
       * @param {Boolean} [options.fin=true] Specifies whether the fragment is the
       *     last one
       * @param {Boolean} [options.mask] Specifies whether or not to mask `data`
       * @param {Function} [cb] Callback which is executed when data is written out
       * @public
       */
      send(data, options, cb) {
        if (this.readyState === _WebSocket.CONNECTING) {
          throw new Error("WebSocket is not open: readyState 0 (CONNECTING)");
        }
        if (typeof options === "function") {
          cb = options;
          options = {};
        }
        if (typeof data === "number") data = data.toString();
        if (this.readyState !== _WebSocket.OPEN) {
          sendAfterClose(this, data, cb);
          return;
        }
        const opts = {
          binary: typeof data !== "string",
          mask: !this._isServer,
          compress: true,
          fin: true,
          ...options
        };
        if (!this._extensions[PerMessageDeflate2.extensionName]) {
          opts.compress = false;
        }
        this._sender.send(data || EMPTY_BUFFER, opts, cb);
      }
      /**
       * Forcibly close the connection.
       *
       * @public
       */
      terminate() {
        if (this.readyState === _WebSocket.CLOSED) return;
        if (this.readyState === _WebSocket.CONNECTING) {
          const msg = "WebSocket was closed before the connection was established";
          abortHandshake(this, this._req, msg);
          return;
        }
        if (this._socket) {
          this._readyState = _WebSocket.CLOSING;
          this._socket.destroy();
        }
      }
    };
    Object.defineProperty(WebSocket2, "CONNECTING", {
      enumerable: true,
      value: readyStates.indexOf("CONNECTING")
    });
    Object.defineProperty(WebSocket2.prototype, "CONNECTING", {
      enumerable: true,
      value: readyStates.indexOf("CONNECTING")
    });
    Object.defineProperty(WebSocket2, "OPEN", {
      enumerable: true,
      value: readyStates.indexOf("OPEN")
    });
    Object.defineProperty(WebSocket2.prototype, "OPEN", {
      enumerable: true,
      value: readyStates.indexOf("OPEN")
    });
    Object.defineProperty(WebSocket2, "CLOSING", {
      enumerable: true,
      value: readyStates.indexOf("CLOSING")
    });
    Object.defineProperty(WebSocket2.prototype, "CLOSING", {
      enumerable: true,
      value: readyStates.indexOf("CLOSING")
    });
    Object.defineProperty(WebSocket2, "CLOSED", {
      enumerable: true,
      value: readyStates.indexOf("CLOSED")
    });
    Object.defineProperty(WebSocket2.prototype, "CLOSED", {
      enumerable: true,
      value: readyStates.indexOf("CLOSED")
    });
    [
      "binaryType",
      "bufferedAmount",
      "extensions",
      "isPaused",
      "protocol",
      "readyState",
      "url"
    ].forEach((property) => {
      Object.defineProperty(WebSocket2.prototype, property, { enumerable: true });
    });
    ["open", "error", "close", "message"].forEach((method) => {
      Object.defineProperty(WebSocket2.prototype, `on${method}`, {
        enumerable: true,
        get() {
          for (const listener of this.listeners(method)) {
            if (listener[kForOnEventAttribute]) return listener[kListener];
          }
          return null;
        },
        set(handler) {
          for (const listener of this.listeners(method)) {
            if (listener[kForOnEventAttribute]) {
              this.removeListener(method, listener);
              break;
            }
          }
          if (typeof handler !== "function") return;
          this.addEventListener(method, handler, {
            [kForOnEventAttribute]: true
          });
        }
      });
    });
    WebSocket2.prototype.addEventListener = addEventListener;
    WebSocket2.prototype.removeEventListener = removeEventListener;
    module.exports = WebSocket2;
    function initAsClient(websocket, address, protocols, options) {
      const opts = {
        allowSynchronousEvents: true,
        autoPong: true,
        closeTimeout: CLOSE_TIMEOUT,
        protocolVersion: protocolVersions[1],
        maxBufferedChunks: 256 * 1024,
        maxFragments: 16 * 1024,
        maxPayload: 100 * 1024 * 1024,
        maxPendingAutoPongs: 60,
        skipUTF8Validation: false,
        perMessageDeflate: true,
        followRedirects: false,
        maxRedirects: 10,
        ...options,
        socketPath: void 0,
        hostname: void 0,
        protocol: void 0,
        protocols: void 0,
        timeout: void 0,
        method: "GET",
        host: void 0,
        path: void 0,
        port: void 0
      };
      if (!protocolVersions.includes(opts.protocolVersion)) {
        throw new RangeError(
          `Unsupported protocol version: ${opts.protocolVersion} (supported versions: ${protocolVersions.join(", ")})`
        );
      }
      let parsedUrl;
      if (address instanceof URL) {
        parsedUrl = address;
      } else {
        try {
          parsedUrl = new URL(address);
        } catch {
          throw new SyntaxError(`Invalid URL: ${address}`);
        }
      }
      if (parsedUrl.protocol === "http:" || parsedUrl.protocol === "https:") {
        parsedUrl = new URL(parsedUrl);
        parsedUrl.protocol = parsedUrl.protocol === "http:" ? "ws:" : "wss:";
      }
      websocket._url = parsedUrl.href;
      const isSecure = parsedUrl.protocol === "wss:";
      const isIpcUrl = parsedUrl.protocol === "ws+unix:";
      let invalidUrlMessage;
      if (parsedUrl.protocol !== "ws:" && !isSecure && !isIpcUrl) {
        invalidUrlMessage = `The URL's protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"`;
      } else if (isIpcUrl && !parsedUrl.pathname) {
        invalidUrlMessage = "The URL's pathname is empty";
      } else if (parsedUrl.hash) {
        invalidUrlMessage = "The URL contains a fragment identifier";
      }
      if (invalidUrlMessage) {
        const err = new SyntaxError(invalidUrlMessage);
        if (websocket._redirects === 0) {
          throw err;
        } else {
          emitErrorAndClose(websocket, err);
          return;
        }
      }
      const defaultPort = isSecure ? 443 : 80;
      const key2 = randomBytes(16).toString("base64");
      const request = isSecure ? https2.request : http2.request;
      const protocolSet = /* @__PURE__ */ new Set();
      let perMessageDeflate;
      opts.createConnection = opts.createConnection || (isSecure ? tlsConnect : netConnect);
      opts.defaultPort = opts.defaultPort || defaultPort;
      opts.port = parsedUrl.port || defaultPort;
      opts.host = parsedUrl.hostname.startsWith("[") ? parsedUrl.hostname.slice(1, -1) : parsedUrl.hostname;
      opts.headers = {
        ...opts.headers,
        "Sec-WebSocket-Version": opts.protocolVersion,
        "Sec-WebSocket-Key": key2,
        Connection: "Upgrade",
        Upgrade: "websocket"
      };
      opts.path = parsedUrl.pathname + parsedUrl.search;
      opts.timeout = opts.handshakeTimeout;
      if (opts.perMessageDeflate) {
        perMessageDeflate = new PerMessageDeflate2({
          ...opts.perMessageDeflate,
          isServer: false,
          maxPayload: opts.maxPayload
        });
        opts.headers["Sec-WebSocket-Extensions"] = format({
          [PerMessageDeflate2.extensionName]: perMessageDeflate.offer()
        });
      }
      if (protocols.length) {
        for (const protocol of protocols) {
          if (typeof protocol !== "string" || !subprotocolRegex.test(protocol) || protocolSet.has(protocol)) {
            throw new SyntaxError(
              "An invalid or duplicated subprotocol was specified"
            );
          }
          protocolSet.add(protocol);
        }
        opts.headers["Sec-WebSocket-Protocol"] = protocols.join(",");
      }
      if (opts.origin) {
        if (opts.protocolVersion < 13) {
          opts.headers["Sec-WebSocket-Origin"] = opts.origin;
        } else {
          opts.headers.Origin = opts.origin;
        }
      }
      if (parsedUrl.username || parsedUrl.password) {
        const username = querystring.unescape(parsedUrl.username);
        const password = querystring.unescape(parsedUrl.password);
        opts.auth = `${username}:${password}`;
      }
      if (isIpcUrl) {
        const i = opts.path.indexOf(":");
        if (i === -1) {
          opts.socketPath = opts.path;
          opts.path = "";
        } else {
          opts.socketPath = opts.path.slice(0, i);
          opts.path = opts.path.slice(i + 1);
        }
      }
      let req;
      if (opts.followRedirects) {
        if (websocket._redirects === 0) {
          websocket._originalIpc = isIpcUrl;
          websocket._originalSecure = isSecure;
          websocket._originalHostOrSocketPath = isIpcUrl ? opts.socketPath : parsedUrl.host;
          const headers = options && options.headers;
          options = { ...options, headers: {} };
          if (headers) {
            for (const [key3, value] of Object.entries(headers)) {
              options.headers[key3.toLowerCase()] = value;
            }
          }
        } else if (websocket.listenerCount("redirect") === 0) {
          const isSameHost = isIpcUrl ? websocket._originalIpc ? opts.socketPath === websocket._originalHostOrSocketPath : false : websocket._originalIpc ? false : parsedUrl.host === websocket._originalHostOrSocketPath;
          if (!isSameHost || websocket._originalSecure && !isSecure) {
            delete opts.headers.authorization;
            delete opts.headers.cookie;
            if (!isSameHost) delete opts.headers.host;
            opts.auth = void 0;
          }
        }
        if (opts.auth && !options.headers.authorization) {
          options.headers.authorization = "Basic " + Buffer.from(opts.auth).toString("base64");
        }
        req = websocket._req = request(opts);
        if (websocket._redirects) {
          websocket.emit("redirect", websocket.url, req);
        }
      } else {
        req = websocket._req = request(opts);
      }
      if (opts.timeout) {
        req.on("timeout", () => {
          abortHandshake(websocket, req, "Opening handshake has timed out");
        });
      }
      req.on("error", (err) => {
        if (req === null || req[kAborted]) return;
        req = websocket._req = null;
        emitErrorAndClose(websocket, err);
      });
      req.on("response", (res) => {
        const location = res.headers.location;
        const statusCode = res.statusCode;
        if (location && opts.followRedirects && statusCode >= 300 && statusCode < 400) {
          if (++websocket._redirects > opts.maxRedirects) {
            abortHandshake(websocket, req, "Maximum redirects exceeded");
            return;
          }
          req.abort();
          let addr;
          try {
            addr = new URL(location, address);
          } catch (e) {
            const err = new SyntaxError(`Invalid URL: ${location}`);
            emitErrorAndClose(websocket, err);
            return;
          }
          initAsClient(websocket, addr, protocols, options);
        } else if (!websocket.emit("unexpected-response", req, res)) {
          abortHandshake(
            websocket,
            req,
            `Unexpected server response: ${res.statusCode}`
          );
        }
      });
      req.on("upgrade", (res, socket, head) => {
        websocket.emit("upgrade", res);
        if (websocket.readyState !== WebSocket2.CONNECTING) return;
        req = websocket._req = null;
        const upgrade = res.headers.upgrade;
        if (upgrade === void 0 || upgrade.toLowerCase() !== "websocket") {
          abortHandshake(websocket, socket, "Invalid Upgrade header");
          return;
        }
        const digest = createHash("sha1").update(key2 + GUID).digest("base64");
        if (res.headers["sec-websocket-accept"] !== digest) {
          abortHandshake(websocket, socket, "Invalid Sec-WebSocket-Accept header");
          return;
        }
        const serverProt = res.headers["sec-websocket-protocol"];
        let protError;
        if (serverProt !== void 0) {
          if (!protocolSet.size) {
            protError = "Server sent a subprotocol but none was requested";
          } else if (!protocolSet.has(serverProt)) {
            protError = "Server sent an invalid subprotocol";
          }
        } else if (protocolSet.size) {
          protError = "Server sent no subprotocol";
        }
        if (protError) {
          abortHandshake(websocket, socket, protError);
          return;
        }
        if (serverProt) websocket._protocol = serverProt;
        const secWebSocketExtensions = res.headers["sec-websocket-extensions"];
        if (secWebSocketExtensions !== void 0) {
          if (!perMessageDeflate) {
            const message = "Server sent a Sec-WebSocket-Extensions header but no extension was requested";
            abortHandshake(websocket, socket, message);
            return;
          }
          let extensions;
          try {
            extensions = parse(secWebSocketExtensions);
          } catch (err) {
            const message = "Invalid Sec-WebSocket-Extensions header";
            abortHandshake(websocket, socket, message);
            return;
          }
          const extensionNames = Object.keys(extensions);
          if (extensionNames.length !== 1 || extensionNames[0] !== PerMessageDeflate2.extensionName) {
            const message = "Server indicated an extension that was not requested";
            abortHandshake(websocket, socket, message);
            return;
          }
          try {
            perMessageDeflate.accept(extensions[PerMessageDeflate2.extensionName]);
          } catch (err) {
            const message = "Invalid Sec-WebSocket-Extensions header";
            abortHandshake(websocket, socket, message);
            return;
          }
          websocket._extensions[PerMessageDeflate2.extensionName] = perMessageDeflate;
        }
        websocket.setSocket(socket, head, {
          allowSynchronousEvents: opts.allowSynchronousEvents,
          generateMask: opts.generateMask,
          maxBufferedChunks: opts.maxBufferedChunks,
          maxFragments: opts.maxFragments,
          maxPayload: opts.maxPayload,
          skipUTF8Validation: opts.skipUTF8Validation
        });
      });
      if (opts.finishRequest) {
        opts.finishRequest(req, websocket);
      } else {
        req.end();
      }
      return opts;
    }
    function emitErrorAndClose(websocket, err) {
      websocket._readyState = WebSocket2.CLOSING;
      websocket._errorEmitted = true;
      websocket.emit("error", err);
      websocket.emitClose();
    }
    function netConnect(options) {
      options.path = options.socketPath;
      return net.connect(options);
    }
    function tlsConnect(options) {
      options.path = void 0;
      if (!options.servername && options.servername !== "") {
        options.servername = net.isIP(options.host) ? "" : options.host;
      }
      return tls.connect(options);
    }
    function abortHandshake(websocket, stream, message) {
      websocket._readyState = WebSocket2.CLOSING;
      const err = new Error(message);
      Error.captureStackTrace(err, abortHandshake);
      if (stream.setHeader) {
        stream[kAborted] = true;
        stream.abort();
        if (stream.socket && !stream.socket.destroyed) {
          stream.socket.destroy();
        }
        process.nextTick(emitErrorAndClose, websocket, err);
      } else {
        stream.destroy(err);
        stream.once("error", websocket.emit.bind(websocket, "error"));
        stream.once("close", websocket.emitClose.bind(websocket));
      }
    }
    function sendAfterClose(websocket, data, cb) {
      if (data) {
        const length = isBlob(data) ? data.size : toBuffer(data).length;
        if (websocket._socket) websocket._sender._bufferedBytes += length;
        else websocket._bufferedAmount += length;
      }
      if (cb) {
        const err = new Error(
          `WebSocket is not open: readyState ${websocket.readyState} (${readyStates[websocket.readyState]})`
        );
        process.nextTick(cb, err);
      }
    }
    function receiverOnConclude(code, reason) {
      const websocket = this[kWebSocket];
      websocket._closeFrameReceived = true;
      websocket._closeCode = code;
      if (reason.length === 0) {
        websocket._closeMessage = EMPTY_BUFFER;
      } else {
        websocket._closeMessage = Buffer.allocUnsafeSlow(reason.length);
        websocket._closeMessage.set(reason);
      }
      if (websocket._socket[kWebSocket] === void 0) return;
      websocket._socket.removeListener("data", socketOnData);
      process.nextTick(resume, websocket._socket);
      if (code === 1005) websocket.close();
      else websocket.close(code, reason);
    }
    function receiverOnDrain() {
      const websocket = this[kWebSocket];
      if (!websocket.isPaused) websocket._socket.resume();
    }
    function receiverOnError(err) {
      const websocket = this[kWebSocket];
      if (websocket._socket[kWebSocket] !== void 0) {
        websocket._socket.removeListener("data", socketOnData);
        process.nextTick(resume, websocket._socket);
        websocket.close(err[kStatusCode]);
      }
      if (!websocket._errorEmitted) {
        websocket._errorEmitted = true;
        websocket.emit("error", err);
      }
    }
    function receiverOnFinish() {
      this[kWebSocket].emitClose();
    }
    function receiverOnMessage(data, isBinary) {
      this[kWebSocket].emit("message", data, isBinary);
    }
    function receiverOnPing(data) {
      const websocket = this[kWebSocket];
      if (websocket._autoPong && websocket.readyState === WebSocket2.OPEN) {
        if (websocket._maxPendingAutoPongs > 0 && websocket._pendingAutoPongs >= websocket._maxPendingAutoPongs) {
          websocket.terminate();
        } else {
          websocket._pendingAutoPongs++;
          websocket.pong(data, !this._isServer, websocket._autoPongComplete);
        }
      }
      websocket.emit("ping", data);
    }
    function autoPongComplete(websocket) {
      websocket._pendingAutoPongs--;
    }
    function receiverOnPong(data) {
      this[kWebSocket].emit("pong", data);
    }
    function resume(stream) {
      stream.resume();
    }
    function senderOnError(err) {
      const websocket = this[kWebSocket];
      if (websocket.readyState === WebSocket2.CLOSED) return;
      if (websocket.readyState === WebSocket2.OPEN) {
        websocket._readyState = WebSocket2.CLOSING;
        setCloseTimer(websocket);
      }
      this._socket.end();
      if (!websocket._errorEmitted) {
        websocket._errorEmitted = true;
        websocket.emit("error", err);
      }
    }
    function setCloseTimer(websocket) {
      websocket._closeTimer = setTimeout(
        websocket._socket.destroy.bind(websocket._socket),
        websocket._closeTimeout
      );
    }
    function socketOnClose() {
      const websocket = this[kWebSocket];
      this.removeListener("close", socketOnClose);
      this.removeListener("data", socketOnData);
      this.removeListener("end", socketOnEnd);
      websocket._readyState = WebSocket2.CLOSING;
      if (!this._readableState.endEmitted && !websocket._closeFrameReceived && !websocket._receiver._writableState.errorEmitted && this._readableState.length !== 0) {
        const chunk = this.read(this._readableState.length);
        websocket._receiver.write(chunk);
      }
      websocket._receiver.end();
      this[kWebSocket] = void 0;
      clearTimeout(websocket._closeTimer);
      if (websocket._receiver._writableState.finished || websocket._receiver._writableState.errorEmitted) {
        websocket.emitClose();
      } else {
        websocket._receiver.on("error", receiverOnFinish);
        websocket._receiver.on("finish", receiverOnFinish);
      }
    }
    function socketOnData(chunk) {
      if (!this[kWebSocket]._receiver.write(chunk)) {
        this.pause();
      }
    }
    function socketOnEnd() {
      const websocket = this[kWebSocket];
      websocket._readyState = WebSocket2.CLOSING;
      websocket._receiver.end();
      this.end();
    }
    function socketOnError() {
      const websocket = this[kWebSocket];
      this.removeListener("error", socketOnError);
      this.on("error", NOOP);
      if (websocket) {
        websocket._readyState = WebSocket2.CLOSING;
        this.destroy();
      }
    }
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/stream.js
var require_stream = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/stream.js"(exports, module) {
    "use strict";
    var WebSocket2 = require_websocket();
    var { Duplex } = __require("stream");
    function emitClose(stream) {
      stream.emit("close");
    }
    function duplexOnEnd() {
      if (!this.destroyed && this._writableState.finished) {
        this.destroy();
      }
    }
    function duplexOnError(err) {
      this.removeListener("error", duplexOnError);
      this.destroy();
      if (this.listenerCount("error") === 0) {
        this.emit("error", err);
      }
    }
    function createWebSocketStream2(ws, options) {
      let terminateOnDestroy = true;
      const duplex = new Duplex({
        ...options,
        autoDestroy: false,
        emitClose: false,
        objectMode: false,
        writableObjectMode: false
      });
      ws.on("message", function message(msg, isBinary) {
        const data = !isBinary && duplex._readableState.objectMode ? msg.toString() : msg;
        if (!duplex.push(data)) ws.pause();
      });
      ws.once("error", function error(err) {
        if (duplex.destroyed) return;
        terminateOnDestroy = false;
        duplex.destroy(err);
      });
      ws.once("close", function close() {
        if (duplex.destroyed) return;
        duplex.push(null);
      });
      duplex._destroy = function(err, callback) {
        if (ws.readyState === ws.CLOSED) {
          callback(err);
          process.nextTick(emitClose, duplex);
          return;
        }
        let called = false;
        ws.once("error", function error(err2) {
          called = true;
          callback(err2);
        });
        ws.once("close", function close() {
          if (!called) callback(err);
          process.nextTick(emitClose, duplex);
        });
        if (terminateOnDestroy) ws.terminate();
      };
      duplex._final = function(callback) {
        if (ws.readyState === ws.CONNECTING) {
          ws.once("open", function open() {
            duplex._final(callback);
          });
          return;
        }
        if (ws._socket === null) return;
        if (ws._socket._writableState.finished) {
          callback();
          if (duplex._readableState.endEmitted) duplex.destroy();
        } else {
          ws._socket.once("finish", function finish() {
            callback();
          });
          ws.close();
        }
      };
      duplex._read = function() {
        if (ws.isPaused) ws.resume();
      };
      duplex._write = function(chunk, encoding, callback) {
        if (ws.readyState === ws.CONNECTING) {
          ws.once("open", function open() {
            duplex._write(chunk, encoding, callback);
          });
          return;
        }
        ws.send(chunk, callback);
      };
      duplex.on("end", duplexOnEnd);
      duplex.on("error", duplexOnError);
      return duplex;
    }
    module.exports = createWebSocketStream2;
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/subprotocol.js
var require_subprotocol = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/subprotocol.js"(exports, module) {
    "use strict";
    var { tokenChars } = require_validation();
    function parse(header) {
      const protocols = /* @__PURE__ */ new Set();
      let start = -1;
      let end = -1;
      let i = 0;
      for (i; i < header.length; i++) {
        const code = header.charCodeAt(i);
        if (end === -1 && tokenChars[code] === 1) {
          if (start === -1) start = i;
        } else if (i !== 0 && (code === 32 || code === 9)) {
          if (end === -1 && start !== -1) end = i;
        } else if (code === 44) {
          if (start === -1) {
            throw new SyntaxError(`Unexpected character at index ${i}`);
          }
          if (end === -1) end = i;
          const protocol2 = header.slice(start, end);
          if (protocols.has(protocol2)) {
            throw new SyntaxError(`The "${protocol2}" subprotocol is duplicated`);
          }
          protocols.add(protocol2);
          start = end = -1;
        } else {
          throw new SyntaxError(`Unexpected character at index ${i}`);
        }
      }
      if (start === -1 || end !== -1) {
        throw new SyntaxError("Unexpected end of input");
      }
      const protocol = header.slice(start, i);
      if (protocols.has(protocol)) {
        throw new SyntaxError(`The "${protocol}" subprotocol is duplicated`);
      }
      protocols.add(protocol);
      return protocols;
    }
    module.exports = { parse };
  }
});

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/websocket-server.js
var require_websocket_server = __commonJS({
  "../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/lib/websocket-server.js"(exports, module) {
    "use strict";
    var EventEmitter = __require("events");
    var http2 = __require("http");
    var { Duplex } = __require("stream");
    var { createHash } = __require("crypto");
    var extension2 = require_extension();
    var PerMessageDeflate2 = require_permessage_deflate();
    var subprotocol2 = require_subprotocol();
    var WebSocket2 = require_websocket();
    var { CLOSE_TIMEOUT, GUID, kWebSocket } = require_constants();
    var keyRegex = /^[+/0-9A-Za-z]{22}==$/;
    var RUNNING = 0;
    var CLOSING = 1;
    var CLOSED = 2;
    var WebSocketServer2 = class extends EventEmitter {
      /**
       * Create a `WebSocketServer` instance.
       *
       * @param {Object} options Configuration options
       * @param {Boolean} [options.allowSynchronousEvents=true] Specifies whether
       *     any of the `'message'`, `'ping'`, and `'pong'` events can be emitted
       *     multiple times in the same tick
       * @param {Boolean} [options.autoPong=true] Specifies whether or not to
       *     automatically send a pong in response to a ping
       * @param {Number} [options.backlog=511] The maximum length of the queue of
       *     pending connections
       * @param {Boolean} [options.clientTracking=true] Specifies whether or not to
       *     track clients
       * @param {Number} [options.closeTimeout=30000] Duration in milliseconds to
       *     wait for the closing handshake to finish after `websocket.close()` is
       *     called
       * @param {Function} [options.handleProtocols] A hook to handle protocols
       * @param {String} [options.host] The hostname where to bind the server
       * @param {Number} [options.maxBufferedChunks=262144] The maximum number of
       *     buffered data chunks
       * @param {Number} [options.maxFragments=16384] The maximum number of message
       *     fragments
       * @param {Number} [options.maxPayload=104857600] The maximum allowed message
       *     size
       * @param {Number} [options.maxPendingAutoPongs=60] The maximum number of
       *     pending automatic pongs
       * @param {Boolean} [options.noServer=false] Enable no server mode
       * @param {String} [options.path] Accept only connections matching this path
       * @param {(Boolean|Object)} [options.perMessageDeflate=false] Enable/disable
       *     permessage-deflate
       * @param {Number} [options.port] The port where to bind the server
       * @param {(http.Server|https.Server)} [options.server] A pre-created HTTP/S
       *     server to use
       * @param {Boolean} [options.skipUTF8Validation=false] Specifies whether or
       *     not to skip UTF-8 validation for text and close messages
       * @param {Function} [options.verifyClient] A hook to reject connections
       * @param {Function} [options.WebSocket=WebSocket] Specifies the `WebSocket`
       *     class to use. It must be the `WebSocket` class or class that extends it
       * @param {Function} [callback] A listener for the `listening` event
       */
      constructor(options, callback) {
        super();
        options = {
          allowSynchronousEvents: true,
          autoPong: true,
          maxBufferedChunks: 256 * 1024,
          maxFragments: 16 * 1024,
          maxPayload: 100 * 1024 * 1024,
          maxPendingAutoPongs: 60,
          skipUTF8Validation: false,
          perMessageDeflate: false,
          handleProtocols: null,
          clientTracking: true,
          closeTimeout: CLOSE_TIMEOUT,
          verifyClient: null,
          noServer: false,
          backlog: null,
          // use default (511 as implemented in net.js)
          server: null,
          host: null,
          path: null,
          port: null,
          WebSocket: WebSocket2,
          ...options
        };
        if (options.port == null && !options.server && !options.noServer || options.port != null && (options.server || options.noServer) || options.server && options.noServer) {
          throw new TypeError(
            'One and only one of the "port", "server", or "noServer" options must be specified'
          );
        }
        if (options.port != null) {
          this._server = http2.createServer((req, res) => {
            const body = http2.STATUS_CODES[426];
            res.writeHead(426, {
              "Content-Length": body.length,
              "Content-Type": "text/plain"
            });
            res.end(body);
          });
          this._server.listen(
            options.port,
            options.host,
            options.backlog,
            callback
          );
        } else if (options.server) {
          this._server = options.server;
        }
        if (this._server) {
          const emitConnection = this.emit.bind(this, "connection");
          this._removeListeners = addListeners(this._server, {
            listening: this.emit.bind(this, "listening"),
            error: this.emit.bind(this, "error"),
            upgrade: (req, socket, head) => {
              this.handleUpgrade(req, socket, head, emitConnection);
            }
          });
        }
        if (options.perMessageDeflate === true) options.perMessageDeflate = {};
        if (options.clientTracking) {
          this.clients = /* @__PURE__ */ new Set();
          this._shouldEmitClose = false;
        }
        this.options = options;
        this._state = RUNNING;
      }
      /**
       * Returns the bound address, the address family name, and port of the server
       * as reported by the operating system if listening on an IP socket.
       * If the server is listening on a pipe or UNIX domain socket, the name is
       * returned as a string.
       *
       * @return {(Object|String|null)} The address of the server
       * @public
       */
      address() {
        if (this.options.noServer) {
          throw new Error('The server is operating in "noServer" mode');
        }
        if (!this._server) return null;
        return this._server.address();
      }
      /**
       * Stop the server from accepting new connections and emit the `'close'` event
       * when all existing connections are closed.
       *
       * @param {Function} [cb] A one-time listener for the `'close'` event
       * @public
       */
      close(cb) {
        if (this._state === CLOSED) {
          if (cb) {
            this.once("close", () => {
              cb(new Error("The server is not running"));
            });
          }
          process.nextTick(emitClose, this);
          return;
        }
        if (cb) this.once("close", cb);
        if (this._state === CLOSING) return;
        this._state = CLOSING;
        if (this.options.noServer || this.options.server) {
          if (this._server) {
            this._removeListeners();
            this._removeListeners = this._server = null;
          }
          if (this.clients) {
            if (!this.clients.size) {
              process.nextTick(emitClose, this);
            } else {
              this._shouldEmitClose = true;
            }
          } else {
            process.nextTick(emitClose, this);
          }
        } else {
          const server = this._server;
          this._removeListeners();
          this._removeListeners = this._server = null;
          server.close(() => {
            emitClose(this);
          });
        }
      }
      /**
       * See if a given request should be handled by this server instance.
       *
       * @param {http.IncomingMessage} req Request object to inspect
       * @return {Boolean} `true` if the request is valid, else `false`
       * @public
       */
      shouldHandle(req) {
        if (this.options.path) {
          const index = req.url.indexOf("?");
          const pathname = index !== -1 ? req.url.slice(0, index) : req.url;
          if (pathname !== this.options.path) return false;
        }
        return true;
      }
      /**
       * Handle a HTTP Upgrade request.
       *
       * @param {http.IncomingMessage} req The request object
       * @param {Duplex} socket The network socket between the server and client
       * @param {Buffer} head The first packet of the upgraded stream
       * @param {Function} cb Callback
       * @public
       */
      handleUpgrade(req, socket, head, cb) {
        socket.on("error", socketOnError);
        const key2 = req.headers["sec-websocket-key"];
        const upgrade = req.headers.upgrade;
        const version = +req.headers["sec-websocket-version"];
        if (req.method !== "GET") {
          const message = "Invalid HTTP method";
          abortHandshakeOrEmitwsClientError(this, req, socket, 405, message);
          return;
        }
        if (upgrade === void 0 || upgrade.toLowerCase() !== "websocket") {
          const message = "Invalid Upgrade header";
          abortHandshakeOrEmitwsClientError(this, req, socket, 400, message);
          return;
        }
        if (key2 === void 0 || !keyRegex.test(key2)) {
          const message = "Missing or invalid Sec-WebSocket-Key header";
          abortHandshakeOrEmitwsClientError(this, req, socket, 400, message);
          return;
        }
        if (version !== 13 && version !== 8) {
          const message = "Missing or invalid Sec-WebSocket-Version header";
          abortHandshakeOrEmitwsClientError(this, req, socket, 400, message, {
            "Sec-WebSocket-Version": "13, 8"
          });
          return;
        }
        if (!this.shouldHandle(req)) {
          abortHandshake(socket, 400);
          return;
        }
        const secWebSocketProtocol = req.headers["sec-websocket-protocol"];
        let protocols = /* @__PURE__ */ new Set();
        if (secWebSocketProtocol !== void 0) {
          try {
            protocols = subprotocol2.parse(secWebSocketProtocol);
          } catch (err) {
            const message = "Invalid Sec-WebSocket-Protocol header";
            abortHandshakeOrEmitwsClientError(this, req, socket, 400, message);
            return;
          }
        }
        const secWebSocketExtensions = req.headers["sec-websocket-extensions"];
        const extensions = {};
        if (this.options.perMessageDeflate && secWebSocketExtensions !== void 0) {
          const perMessageDeflate = new PerMessageDeflate2({
            ...this.options.perMessageDeflate,
            isServer: true,
            maxPayload: this.options.maxPayload
          });
          try {
            const offers = extension2.parse(secWebSocketExtensions);
            if (offers[PerMessageDeflate2.extensionName]) {
              perMessageDeflate.accept(offers[PerMessageDeflate2.extensionName]);
              extensions[PerMessageDeflate2.extensionName] = perMessageDeflate;
            }
          } catch (err) {
            const message = "Invalid or unacceptable Sec-WebSocket-Extensions header";
            abortHandshakeOrEmitwsClientError(this, req, socket, 400, message);
            return;
          }
        }
        if (this.options.verifyClient) {
          const info = {
            origin: req.headers[`${version === 8 ? "sec-websocket-origin" : "origin"}`],
            secure: !!(req.socket.authorized || req.socket.encrypted),
            req
          };
          if (this.options.verifyClient.length === 2) {
            this.options.verifyClient(info, (verified, code, message, headers) => {
              if (!verified) {
                return abortHandshake(socket, code || 401, message, headers);
              }
              this.completeUpgrade(
                extensions,
                key2,
                protocols,
                req,
                socket,
                head,
                cb
              );
            });
            return;
          }
          if (!this.options.verifyClient(info)) return abortHandshake(socket, 401);
        }
        this.completeUpgrade(extensions, key2, protocols, req, socket, head, cb);
      }
      /**
       * Upgrade the connection to WebSocket.
       *
       * @param {Object} extensions The accepted extensions
       * @param {String} key The value of the `Sec-WebSocket-Key` header
       * @param {Set} protocols The subprotocols
       * @param {http.IncomingMessage} req The request object
       * @param {Duplex} socket The network socket between the server and client
       * @param {Buffer} head The first packet of the upgraded stream
       * @param {Function} cb Callback
       * @throws {Error} If called more than once with the same socket
       * @private
       */
      completeUpgrade(extensions, key2, protocols, req, socket, head, cb) {
        if (!socket.readable || !socket.writable) return socket.destroy();
        if (socket[kWebSocket]) {
          throw new Error(
            "server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration"
          );
        }
        if (this._state > RUNNING) return abortHandshake(socket, 503);
        const digest = createHash("sha1").update(key2 + GUID).digest("base64");
        const headers = [
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
          `Sec-WebSocket-Accept: ${digest}`
        ];
        const ws = new this.options.WebSocket(null, void 0, this.options);
        if (protocols.size) {
          const protocol = this.options.handleProtocols ? this.options.handleProtocols(protocols, req) : protocols.values().next().value;
          if (protocol) {
            headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
            ws._protocol = protocol;
          }
        }
        if (extensions[PerMessageDeflate2.extensionName]) {
          const params = extensions[PerMessageDeflate2.extensionName].params;
          const value = extension2.format({
            [PerMessageDeflate2.extensionName]: [params]
          });
          headers.push(`Sec-WebSocket-Extensions: ${value}`);
          ws._extensions = extensions;
        }
        this.emit("headers", headers, req);
        socket.write(headers.concat("\r\n").join("\r\n"));
        socket.removeListener("error", socketOnError);
        ws.setSocket(socket, head, {
          allowSynchronousEvents: this.options.allowSynchronousEvents,
          maxBufferedChunks: this.options.maxBufferedChunks,
          maxFragments: this.options.maxFragments,
          maxPayload: this.options.maxPayload,
          skipUTF8Validation: this.options.skipUTF8Validation
        });
        if (this.clients) {
          this.clients.add(ws);
          ws.on("close", () => {
            this.clients.delete(ws);
            if (this._shouldEmitClose && !this.clients.size) {
              process.nextTick(emitClose, this);
            }
          });
        }
        cb(ws, req);
      }
    };
    module.exports = WebSocketServer2;
    function addListeners(server, map) {
      for (const event of Object.keys(map)) server.on(event, map[event]);
      return function removeListeners() {
        for (const event of Object.keys(map)) {
          server.removeListener(event, map[event]);
        }
      };
    }
    function emitClose(server) {
      server._state = CLOSED;
      server.emit("close");
    }
    function socketOnError() {
      this.destroy();
    }
    function abortHandshake(socket, code, message, headers) {
      message = message || http2.STATUS_CODES[code];
      headers = {
        Connection: "close",
        "Content-Type": "text/html",
        "Content-Length": Buffer.byteLength(message),
        ...headers
      };
      socket.once("finish", socket.destroy);
      socket.end(
        `HTTP/1.1 ${code} ${http2.STATUS_CODES[code]}\r
` + Object.keys(headers).map((h) => `${h}: ${headers[h]}`).join("\r\n") + "\r\n\r\n" + message
      );
    }
    function abortHandshakeOrEmitwsClientError(server, req, socket, code, message, headers) {
      if (server.listenerCount("wsClientError")) {
        const err = new Error(message);
        Error.captureStackTrace(err, abortHandshakeOrEmitwsClientError);
        server.emit("wsClientError", err, socket, req);
      } else {
        abortHandshake(socket, code, message, headers);
      }
    }
  }
});

// server/src/app/relay.ts
import path2 from "node:path";

// server/src/relay/schema.ts
var RELAY_MIGRATIONS = [
  {
    id: "relay-1",
    sql: `
      CREATE TABLE item (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        room TEXT NOT NULL,
        recipient TEXT NOT NULL,
        id TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        -- Says whether two items are from one sender to one recipient, to the process that wrote both and to nobody else.
        pair BLOB NOT NULL,
        digest BLOB NOT NULL,
        sealed BLOB NOT NULL,
        UNIQUE (room, recipient, id)
      ) STRICT;
      -- What is asked at each item is answered without reading the items.
      CREATE INDEX item_mailbox ON item (room, recipient, seq, bytes);
      CREATE INDEX item_pair ON item (pair);
      CREATE INDEX item_expiry ON item (expires_at);

      -- Who proved which key for which id.
      CREATE TABLE known (
        room TEXT NOT NULL,
        node_id TEXT NOT NULL,
        public_key BLOB NOT NULL,
        fingerprint TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        PRIMARY KEY (room, node_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX known_key ON known (room, fingerprint);
      CREATE INDEX known_seen ON known (seen_at);

      CREATE TABLE relay (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `
  }
];

// server/src/relay/server.ts
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

// ../../../../work/main/node_modules/.pnpm/ws@8.23.0/node_modules/ws/wrapper.mjs
var import_stream = __toESM(require_stream(), 1);
var import_extension = __toESM(require_extension(), 1);
var import_permessage_deflate = __toESM(require_permessage_deflate(), 1);
var import_receiver = __toESM(require_receiver(), 1);
var import_sender = __toESM(require_sender(), 1);
var import_subprotocol = __toESM(require_subprotocol(), 1);
var import_websocket = __toESM(require_websocket(), 1);
var import_websocket_server = __toESM(require_websocket_server(), 1);

// server/src/mmp/relay-frames.ts
var RELAY_CLOSE = {
  shutdown: 1001,
  tooLarge: 1009,
  /** A fault of the relay; come again. */
  internal: 1011,
  authTimeout: 4001,
  authInvalid: 4002,
  tokenInvalid: 4003,
  replaced: 4004,
  heartbeat: 4005,
  duplicate: 4006,
  /** The signature over the challenge does not verify. */
  proofInvalid: 4007,
  /** Over a limit, or reading too slowly; come again later. */
  overLimit: 4008,
  /** The same key proved itself on a newer connection. */
  superseded: 4009,
  /** The node id belongs to another key here. */
  idTaken: 4010
};
var REFUSAL_REASONS = [
  "not-here",
  "not-proven",
  "unknown-recipient",
  "too-large",
  "queue-full",
  "id-used",
  "store-failed"
];
var nodeId = via(parseNodeId);
var fingerprint = via(parseFingerprint);
var name = via(parseWireName);
var key = via((text) => fromBase64Url(text, KEY_BYTES));
var signature = via((text) => fromBase64Url(text, SIGNATURE_BYTES));
var nonce = via((text) => fromBase64Url(text, 32));
var base64 = via((text) => fromBase64Url(text));
var MESSAGE_ID = /^[A-Za-z0-9_-]{1,64}$/;
var messageId = string().regex(MESSAGE_ID);
var time = int().min(0);
var count = number().min(0);
var payload = custom(isObject);
var limits = object({
  messageBytes: count,
  messagesPerSecond: count,
  bytesPerSecond: count,
  itemBytes: count,
  queueItems: count,
  queueBytes: count,
  pairItems: count,
  ttlMs: count
});
var peer = object({ nodeId, name, publicKey: key.exactOptional(), offline: literal(true).exactOptional() });
var peers = array(unknown()).transform(
  (list) => list.slice(0, LIMITS.relay.perGroup).flatMap((entry) => {
    const known = peer.safeParse(entry);
    return known.success ? [known.data] : [];
  })
);
var relayAuth = object({
  type: literal("relay-auth"),
  nodeId,
  name,
  token: string().max(1024).exactOptional(),
  publicKey: key.exactOptional(),
  proof: literal("v1").exactOptional()
});
var relayProof = object({ type: literal("relay-proof"), sig: signature });
var relayPing = object({ type: literal("relay-ping") });
var relayPong = object({ type: literal("relay-pong") });
var relayPut = object({ type: literal("relay-put"), id: messageId, to: fingerprint, sealed: base64, ttlMs: time.exactOptional() });
var relayTaken = object({ type: literal("relay-taken"), ids: array(messageId).min(1).max(LIMITS.relay.mailWindow) });
var relayChallenge = object({ type: literal("relay-challenge"), nonce, relayId: string().min(1).max(64) });
var relayPeers = object({ type: literal("relay-peers"), peers, limits: limits.exactOptional() });
var relayPeerJoined = peer.extend({ type: literal("relay-peer-joined") });
var relayPeerLeft = object({ type: literal("relay-peer-left"), nodeId });
var relayReauth = object({ type: literal("relay-reauth") });
var relayError = object({ type: literal("relay-error"), message: string().max(1024).exactOptional() });
var relayAck = object({ type: literal("relay-ack"), id: messageId });
var relayRefused = object({
  type: literal("relay-refused"),
  id: messageId.exactOptional(),
  to: string().max(64).exactOptional(),
  reason: _enum(REFUSAL_REASONS)
});
var relayStored = object({ type: literal("relay-stored"), id: messageId, expiresAt: time });
var relayMail = object({ type: literal("relay-mail"), id: messageId, sealed: base64 });
var serverEnvelope = object({ type: literal("envelope"), from: nodeId, payload });
var CLIENT = discriminatedUnion("type", [relayAuth, relayProof, relayPing, relayPong, relayPut, relayTaken]);
var SERVER = discriminatedUnion("type", [
  relayChallenge,
  relayPeers,
  relayPeerJoined,
  relayPeerLeft,
  relayPing,
  relayPong,
  relayReauth,
  relayError,
  relayAck,
  relayRefused,
  relayStored,
  relayMail,
  serverEnvelope
]);
function parseClientFrame(value) {
  return value["type"] === void 0 ? parseEnvelope(value) : CLIENT.safeParse(value).data;
}
function parseEnvelope({ to, id, payload: payload2 }) {
  const target = typeof to === "string" ? parseNodeId(to) : void 0;
  const isId = typeof id === "string" && MESSAGE_ID.test(id);
  if (to !== void 0 && target === void 0 || id !== void 0 && !isId || !isObject(payload2)) return void 0;
  return { type: "envelope", payload: payload2, ...target === void 0 ? {} : { to: target }, ...isId ? { id } : {} };
}

// server/src/relay/admission.ts
import { timingSafeEqual } from "node:crypto";

// server/src/mmp/relay-proof.ts
function relayGroupOf(token) {
  return toHex(sha256(concat(utf8("mesh-relay-group-v1\n"), utf8(token))));
}
function relayProofPayload({ relayId, nonce: nonce2, group, nodeId: nodeId2 }) {
  return tagged("mesh-relay-proof-v1\n", relayId, toBase64Url(nonce2), group, nodeId2);
}
function verifyRelayProof(facts, publicKey, signature2) {
  return verifySignature(publicKey, relayProofPayload(facts), signature2);
}

// server/src/relay/admission.ts
var Tokens = class {
  #groups;
  constructor(tokens) {
    this.#groups = tokens.map((token) => {
      const group = relayGroupOf(token);
      return { group, hash: bytesOf(group) };
    });
  }
  get isOpen() {
    return this.#groups.length === 0;
  }
  groupFor(token) {
    const given = relayGroupOf(token ?? "");
    if (this.isOpen) return given;
    const hash = bytesOf(given);
    let found;
    for (const known of this.#groups) if (timingSafeEqual(known.hash, hash)) found = known.group;
    return found;
  }
};
function bytesOf(group) {
  return fromHex(group) ?? new Uint8Array();
}
var Admission = class {
  #limits;
  #perAddress = /* @__PURE__ */ new Map();
  #waiting = 0;
  constructor(limits2) {
    this.#limits = limits2;
  }
  get waiting() {
    return this.#waiting;
  }
  /** `address` undefined: it is not known yet for whom a proxy speaks. */
  enter(address) {
    const key2 = address === void 0 ? void 0 : networkOf(address);
    const count2 = key2 === void 0 ? 0 : this.#perAddress.get(key2) ?? 0;
    if (this.#waiting >= this.#limits.unauthenticated || count2 >= this.#limits.unauthenticatedPerAddress) return void 0;
    this.#waiting++;
    if (key2 !== void 0) this.#perAddress.set(key2, count2 + 1);
    let isFree = false;
    return {
      free: () => {
        if (isFree) return;
        isFree = true;
        this.#waiting--;
        if (key2 !== void 0) this.#leave(key2);
      }
    };
  }
  #leave(key2) {
    const count2 = (this.#perAddress.get(key2) ?? 1) - 1;
    if (count2 === 0) this.#perAddress.delete(key2);
    else this.#perAddress.set(key2, count2);
  }
};
function networkOf(address) {
  const plain = plainAddress(address);
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("%")[0]?.split("::") ?? [];
  const left = head === "" ? [] : head.split(":");
  const right = tail === void 0 || tail === "" ? [] : tail.split(":");
  const gap = tail === void 0 ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...gap, ...right].slice(0, 4).map((part) => part.replace(/^0+(?=.)/, "")).join(":");
}
function plainAddress(address) {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}
function clientAddress(remote, forwarded, proxies) {
  const hops = [...(forwarded ?? "").split(",").map((hop) => plainAddress(hop.trim())), plainAddress(remote)];
  const last = hops.findLastIndex((hop) => hop !== "" && !proxies.has(hop));
  if (!proxies.has(plainAddress(remote)) || last < 0) return plainAddress(remote);
  return (hops[last] ?? "").slice(0, 64);
}

// server/src/relay/limits.ts
var DEFAULT_RELAY_LIMITS = LIMITS.relay;
function offerOf(limits2) {
  const { messageBytes, messagesPerSecond, bytesPerSecond, itemBytes, queueItems, queueBytes, pairItems, ttlMs } = limits2;
  return { messageBytes, messagesPerSecond, bytesPerSecond, itemBytes, queueItems, queueBytes, pairItems, ttlMs };
}

// server/src/relay/mail-drain.ts
var PAGE = 8;
var MailDrain = class {
  #deps;
  #pending = /* @__PURE__ */ new Set();
  #lastSeq = 0;
  #isFilling = false;
  #isAsked = false;
  #isStopped = false;
  constructor(deps) {
    this.#deps = deps;
  }
  /** There may be something to send. */
  async wake() {
    this.#isAsked = true;
    if (this.#isFilling) return;
    this.#isFilling = true;
    try {
      while (this.#isAsked) {
        this.#isAsked = false;
        await this.#fill();
      }
    } finally {
      this.#isFilling = false;
    }
  }
  /** How many of these were really pending: an item that was never sent cannot be taken. */
  async taken(ids) {
    const known = ids.filter((id) => this.#pending.has(id));
    if (known.length === 0) return 0;
    await this.#deps.queue.ack(this.#deps.mailbox, known);
    for (const id of known) this.#pending.delete(id);
    await this.wake();
    return known.length;
  }
  stop() {
    this.#isStopped = true;
  }
  async #fill() {
    while (this.#mayGoOn()) {
      const room = Math.min(PAGE, this.#deps.window - this.#pending.size);
      const items = await this.#deps.queue.next(this.#deps.mailbox, this.#lastSeq, room);
      if (items.length === 0) return;
      for (const item of items) {
        if (this.#isStopped) return;
        this.#lastSeq = item.seq;
        this.#pending.add(item.id);
        this.#deps.send(item);
      }
    }
  }
  #mayGoOn() {
    return !this.#isStopped && this.#pending.size < this.#deps.window && this.#deps.canSend();
  }
};

// server/src/relay/outbound.ts
var FIN_TEXT = 129;
var LENGTH_16 = 126;
var LENGTH_64 = 127;
var JOIN_BYTES = 65536;
function textFrame(text) {
  const bytes = Buffer.byteLength(text);
  const head = bytes < LENGTH_16 ? 2 : bytes < 65536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + bytes);
  frame[0] = FIN_TEXT;
  if (head === 2) frame[1] = bytes;
  else if (head === 4) frame.writeUInt16BE(bytes, frame.writeUInt8(LENGTH_16, 1));
  else frame.writeBigUInt64BE(BigInt(bytes), frame.writeUInt8(LENGTH_64, 1));
  frame.write(text, head);
  return frame;
}
var Flusher = class {
  #dirty = [];
  add(outbound) {
    this.#dirty.push(outbound);
    if (this.#dirty.length === 1) setImmediate(() => this.flush());
  }
  flush() {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const outbound of dirty) outbound.flush();
  }
};
var Outbound = class {
  #socket;
  #flusher;
  #waiting = [];
  #bytes = 0;
  #isEnded = false;
  constructor(socket, flusher) {
    this.#socket = socket;
    this.#flusher = flusher;
  }
  /** Bytes that the system has not taken yet. */
  get buffered() {
    return this.#bytes + this.#socket.writableLength;
  }
  send(frame) {
    if (this.#isEnded) return;
    this.#waiting.push(frame);
    this.#bytes += frame.length;
    if (this.#waiting.length === 1) this.#flusher.add(this);
  }
  flush() {
    const waiting = this.#waiting;
    const bytes = this.#bytes;
    this.#waiting = [];
    this.#bytes = 0;
    if (this.#isEnded || waiting.length === 0 || !this.#socket.writable) return;
    if (bytes <= JOIN_BYTES) this.#socket.write(waiting.length === 1 ? waiting[0] : Buffer.concat(waiting, bytes));
    else this.#writeParts(waiting);
  }
  /** Nothing may follow the close frame: what waits goes first, what comes later is dropped. */
  end() {
    this.flush();
    this.#isEnded = true;
  }
  #writeParts(parts) {
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }
};

// server/src/relay/pressure.ts
var Pressure = class {
  #deps;
  #outbound;
  #messages;
  #bytes;
  /** Members that wait until this one has read. */
  #waiting = /* @__PURE__ */ new Map();
  #holds = 0;
  #drainedAt;
  #lastBuffered = 0;
  constructor(deps) {
    const { limits: limits2 } = deps;
    const now = deps.clock.monotonic();
    this.#deps = deps;
    this.#outbound = new Outbound(deps.socket, deps.flusher);
    this.#messages = new TokenBucket(limits2.messagesBurst, limits2.messagesPerSecond, now);
    this.#bytes = new TokenBucket(limits2.bytesBurst, limits2.bytesPerSecond, now);
    this.#drainedAt = now;
  }
  get isHeld() {
    return this.#holds > 0;
  }
  /** Whether more may be sent that can wait elsewhere. */
  get isLow() {
    return this.#outbound.buffered < this.#softCap;
  }
  send(frame) {
    this.#outbound.send(frame);
  }
  /** Sends what another member said; that one waits while too much is waiting here. */
  deliver(frame, from) {
    this.#outbound.send(frame);
    const { buffered } = this.#outbound;
    if (buffered > this.#deps.limits.outboundBytes) return "too-much";
    if (from === void 0 || buffered <= this.#softCap || this.#waiting.has(from)) return "sent";
    this.#waiting.set(from, from.hold());
    return "held";
  }
  /** Not read any more until the returned function is called. */
  hold() {
    this.#holds++;
    if (this.#holds === 1) this.#deps.pause();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#holds--;
      if (this.#holds === 0) this.#deps.resume();
    };
  }
  /** Above its rate a member is not cut off: it is not read until its bucket is level again. */
  spend(bytes) {
    const { clock } = this.#deps;
    const now = clock.monotonic();
    this.#messages.spend(now, 1);
    this.#bytes.spend(now, bytes);
    const waitMs = Math.max(this.#messages.waitMs(now, 0), this.#bytes.waitMs(now, 0));
    if (waitMs === 0) return "within";
    clock.after(waitMs, this.hold());
    return "throttled";
  }
  onDrain() {
    this.#drainedAt = this.#deps.clock.monotonic();
    this.release();
  }
  /** To be called every second or so: whether it reads nothing of what waits for it. */
  isStuck() {
    const now = this.#deps.clock.monotonic();
    const { buffered } = this.#outbound;
    if (buffered === 0 || buffered < this.#lastBuffered) this.#drainedAt = now;
    if (this.isLow) this.release();
    this.#lastBuffered = buffered;
    return now - this.#drainedAt > this.#deps.limits.stuckMs;
  }
  /** Lets go on who waits. */
  release() {
    for (const release of this.#waiting.values()) release();
    this.#waiting.clear();
  }
  end() {
    this.release();
    this.#outbound.end();
  }
  get #softCap() {
    return this.#deps.limits.outboundBytes / 4;
  }
};

// server/src/relay/connection.ts
var NONCE_BYTES = 32;
var MOST_FAULTS = 3;
var GOODBYE_MS = 1e3;
var RE_AUTH_PER_MINUTE = 6;
var RelayConnection = class {
  #deps;
  #ws;
  #pressure;
  #place;
  #bad;
  #reAuth;
  #challenge;
  #seat;
  #isJoining = false;
  #isClosed = false;
  #faults = 0;
  #unanswered = 0;
  #pingedAt;
  constructor(ws, socket, place, deps) {
    const { clock, limits: limits2, flusher } = deps;
    const now = deps.clock.monotonic();
    this.#deps = deps;
    this.#ws = ws;
    this.#place = place;
    this.#pressure = new Pressure({ clock, limits: limits2, flusher, socket, pause: () => ws.pause(), resume: () => ws.resume() });
    this.#bad = new TokenBucket(LIMITS.json.badFrames, LIMITS.json.badFrames / (LIMITS.json.badFramesWindowMs / 1e3), now);
    this.#reAuth = new TokenBucket(RE_AUTH_PER_MINUTE, RE_AUTH_PER_MINUTE / 60, now);
    this.#pingedAt = now;
    ws.on("message", (data, isBinary) => this.#guard(() => this.#onMessage(data, isBinary)));
    ws.on("error", () => deps.metrics.count("bad_frames"));
    ws.on("close", () => this.#onClose());
    socket.on("drain", () => this.#guard(() => this.#onDrain()));
  }
  get isIn() {
    return this.#seat !== void 0;
  }
  /** To be called every second or so. */
  beat() {
    if (this.#seat === void 0 || this.#isClosed) return;
    const now = this.#deps.clock.monotonic();
    if (this.#pressure.isStuck()) return this.#cut("does not read");
    if (now - this.#pingedAt < this.#deps.limits.pingMs || this.#pressure.isHeld) return;
    if (this.#unanswered >= this.#deps.limits.missedPongs) return this.close(RELAY_CLOSE.heartbeat, "no answer to pings");
    this.#unanswered++;
    this.#pingedAt = now;
    this.#send({ type: "relay-ping" });
  }
  close(code, reason) {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pressure.end();
    this.#leave();
    this.#ws.resume();
    this.#ws.close(code, reason);
    const timer = this.#deps.clock.after(GOODBYE_MS, () => this.#ws.terminate());
    this.#ws.once("close", () => timer.cancel());
  }
  #guard(work) {
    const failed = (thrown) => {
      this.#deps.metrics.count("bugs");
      this.#deps.log.error("bug", { error: messageOf(thrown) });
      this.#faults++;
      if (this.#faults >= MOST_FAULTS) this.close(RELAY_CLOSE.internal, "internal error");
    };
    try {
      work()?.catch(failed);
    } catch (thrown) {
      failed(thrown);
    }
  }
  #onMessage(data, isBinary) {
    if (this.#isClosed || !Buffer.isBuffer(data)) return;
    this.#unanswered = 0;
    if (this.#pressure.spend(data.length) === "throttled") this.#deps.metrics.count("throttled");
    const decoded = isBinary ? { kind: "rejected", rule: "bad-json" } : decodeObject(data);
    if (this.#seat) return this.#asMember(this.#seat, decoded.kind === "ok" ? parseClientFrame(decoded.value) : void 0);
    if (decoded.kind === "ok") return this.#asStranger(decoded.value);
    if (decoded.rule !== "bad-json" && decoded.rule !== "bad-utf8") this.#refuse(RELAY_CLOSE.authInvalid, "relay-auth expected");
  }
  #asStranger(value) {
    if (this.#isJoining) return;
    const frame = parseClientFrame(value);
    if (frame?.type === "relay-auth" && this.#challenge === void 0) return this.#onAuth(frame);
    if (frame?.type === "relay-proof" && this.#challenge !== void 0) return this.#onProof(frame, this.#challenge);
    this.#refuse(RELAY_CLOSE.authInvalid, "relay-auth expected");
  }
  #onAuth(auth) {
    const group = this.#deps.tokens.groupFor(auth.token);
    if (group === void 0) return this.#refuse(RELAY_CLOSE.tokenInvalid, "Invalid token");
    const { publicKey } = auth;
    if (publicKey === void 0 || auth.proof === void 0) return this.#join(group, auth, void 0);
    if (!isAcceptableEd25519(publicKey)) return this.#refuse(RELAY_CLOSE.proofInvalid, "this key cannot be used");
    this.#askForProof({ auth, publicKey, group, nonce: this.#deps.random(NONCE_BYTES) });
  }
  #askForProof(challenge) {
    this.#challenge = challenge;
    this.#send({ type: "relay-challenge", nonce: toBase64Url(challenge.nonce), relayId: this.#deps.relayId });
  }
  #onProof({ sig }, { auth, publicKey, group, nonce: nonce2 }) {
    this.#challenge = void 0;
    const facts = { relayId: this.#deps.relayId, nonce: nonce2, group, nodeId: auth.nodeId };
    if (!verifyRelayProof(facts, publicKey, sig)) return this.#refuse(RELAY_CLOSE.proofInvalid, "the proof does not verify");
    return this.#seat ? this.#tellPeers(this.#seat) : this.#join(group, auth, publicKey);
  }
  async #join(group, auth, publicKey) {
    this.#isJoining = true;
    const seat = this.#seatOf(group, auth, publicKey);
    const outcome = await this.#deps.router.join(group, seat.member);
    this.#isJoining = false;
    if (outcome.kind === "refused") return this.#refuseJoin(outcome.why);
    if (this.#isClosed) return this.#deps.router.leave(group, seat.member);
    this.#seat = seat;
    this.#place.free();
    this.#deps.metrics.count("joined");
    this.#tellPeers(seat);
    await seat.mail?.wake();
  }
  #refuseJoin(why) {
    switch (why) {
      case "duplicate":
        return this.#refuse(RELAY_CLOSE.duplicate, "this node id is connected already");
      case "id-taken":
        return this.#refuse(RELAY_CLOSE.idTaken, "this node id belongs to another key");
      case "group-full":
        return this.#refuse(RELAY_CLOSE.overLimit, "the group is full");
      default:
        return assertNever(why);
    }
  }
  #seatOf(group, { nodeId: nodeId2, name: name2 }, publicKey) {
    const proven = publicKey && { publicKey, fingerprint: fingerprintOf(publicKey) };
    const key2 = publicKey ? `,"publicKey":"${toBase64Url(publicKey)}"` : "";
    const quoted = JSON.stringify(name2);
    const member = {
      nodeId: nodeId2,
      name: name2,
      proven,
      facts: `"nodeId":"${nodeId2}","name":${quoted}${key2}`,
      since: this.#deps.clock.monotonic(),
      deliver: (frame, from) => this.#deliver(frame, from),
      onMail: () => this.#guard(() => this.#seat?.mail?.wake()),
      replaced: (by) => this.#onReplaced(by),
      hold: () => this.#pressure.hold()
    };
    const prefix = `{"from":"${nodeId2}","fromName":${quoted},"payload":`;
    return { group, member, prefix, mail: proven && this.#drainOf(group, proven.fingerprint) };
  }
  #drainOf(group, recipient) {
    const { queue, limits: limits2, metrics } = this.#deps;
    return new MailDrain({
      queue,
      mailbox: { group, recipient },
      window: limits2.mailWindow,
      canSend: () => !this.#isClosed && this.#pressure.isLow,
      send: ({ id, sealed }) => {
        metrics.count("mailed");
        this.#send({ type: "relay-mail", id, sealed: toBase64Url(sealed) });
      }
    });
  }
  #tellPeers({ group, member }) {
    const others = this.#deps.router.members(group).filter((other) => other !== member);
    const peers2 = others.map(({ facts }) => `{${facts}}`).join(",");
    const limits2 = member.proven ? `,"limits":${JSON.stringify(offerOf(this.#deps.limits))}` : "";
    this.#pressure.send(textFrame(`{"type":"relay-peers","peers":[${peers2}]${limits2}}`));
  }
  #asMember(seat, frame) {
    switch (frame?.type) {
      case "envelope":
        return this.#route(seat, frame);
      case "relay-put":
        return this.#put(seat, frame);
      case "relay-taken":
        return this.#taken(seat, frame);
      case "relay-ping":
        return this.#send({ type: "relay-pong" });
      case "relay-pong":
        return;
      case "relay-auth":
        return this.#onReAuth(seat, frame);
      case "relay-proof":
        return this.#challenge ? this.#onProof(frame, this.#challenge) : this.#onBadFrame();
      case void 0:
        return this.#onBadFrame();
      default:
        return assertNever(frame);
    }
  }
  #route({ group, member, prefix }, { to, id, payload: payload2 }) {
    const { router, metrics } = this.#deps;
    metrics.count("messages");
    const sent = router.send(group, member, to, textFrame(`${prefix}${JSON.stringify(payload2)}}`));
    metrics.count("deliveries", sent);
    const isLost = to !== void 0 && sent === 0;
    if (isLost) metrics.count("undeliverable");
    if (member.proven === void 0) return;
    if (isLost) this.#send({ type: "relay-refused", ...id === void 0 ? {} : { id }, to, reason: "not-here" });
    else if (id !== void 0) this.#send({ type: "relay-ack", id });
  }
  async #put({ group, member }, { id, to, sealed, ttlMs }) {
    const { router, queue, limits: limits2, metrics } = this.#deps;
    const refuse = (reason) => {
      metrics.count("store_refused");
      this.#send({ type: "relay-refused", id, reason });
    };
    if (member.proven === void 0) return refuse("not-proven");
    if (!await router.knows(group, to)) return refuse("unknown-recipient");
    const sender = member.proven.fingerprint;
    const outcome = await queue.put({ group, recipient: to, id, sealed, ttlMs: ttlMs ?? limits2.ttlMs, sender });
    if (outcome.kind === "refused") return refuse(outcome.reason);
    metrics.count("stored");
    this.#send({ type: "relay-stored", id, expiresAt: outcome.expiresAt });
    router.wake(group, to);
  }
  async #taken({ mail }, { ids }) {
    if (mail) this.#deps.metrics.count("taken", await mail.taken(ids));
  }
  /** The same member again, on the connection that it has: with a key it proves it anew, with a fresh nonce. */
  #onReAuth(seat, auth) {
    const isSame = auth.nodeId === seat.member.nodeId && this.#deps.tokens.groupFor(auth.token) === seat.group;
    if (!isSame) return this.#refuse(RELAY_CLOSE.authInvalid, "another identity on this connection");
    if (!this.#reAuth.take(this.#deps.clock.monotonic())) return this.#cut("too many authentications");
    const { proven } = seat.member;
    if (proven === void 0) return this.#tellPeers(seat);
    this.#askForProof({ auth, publicKey: proven.publicKey, group: seat.group, nonce: this.#deps.random(NONCE_BYTES) });
  }
  #onBadFrame() {
    this.#deps.metrics.count("bad_frames");
    if (!this.#bad.take(this.#deps.clock.monotonic())) this.#cut("too many bad frames");
  }
  #refuse(code, message) {
    if (this.#isClosed) return;
    this.#deps.metrics.count("auth_failed");
    this.#send({ type: "relay-error", message });
    this.close(code, message);
  }
  #onReplaced(by) {
    if (by === "same-key") this.close(RELAY_CLOSE.superseded, "this key is connected from elsewhere");
    else this.close(RELAY_CLOSE.replaced, "replaced by a newer connection");
  }
  #cut(why) {
    this.#deps.metrics.count("cut");
    this.close(RELAY_CLOSE.overLimit, why);
  }
  #send(frame) {
    this.#pressure.send(textFrame(JSON.stringify(frame)));
  }
  #deliver(frame, from) {
    if (this.#isClosed) return;
    const outcome = this.#pressure.deliver(frame, from);
    if (outcome === "held") this.#deps.metrics.count("held");
    if (outcome === "too-much") this.#cut("reads too slowly");
  }
  #onDrain() {
    this.#pressure.onDrain();
    return this.#seat?.mail?.wake();
  }
  #leave() {
    this.#seat?.mail?.stop();
    if (this.#seat) this.#deps.router.leave(this.#seat.group, this.#seat.member);
  }
  #onClose() {
    if (!this.#isClosed) this.#leave();
    this.#isClosed = true;
    this.#pressure.end();
    this.#place.free();
  }
};

// server/src/relay/local-router.ts
var YOUNG_MS = 5e3;
var LocalRouter = class {
  #deps;
  #rooms = /* @__PURE__ */ new Map();
  constructor(deps) {
    this.#deps = deps;
  }
  get groups() {
    return this.#rooms.size;
  }
  async join(group, member) {
    const refused = this.#refusal(group, member);
    if (refused) return refused;
    if (member.proven) await this.#deps.book.note(group, member.nodeId, member.proven.publicKey);
    return this.#refusal(group, member) ?? this.#enter(group, member);
  }
  leave(group, member) {
    const room = this.#rooms.get(group);
    if (room?.members.get(member.nodeId) !== member) return;
    this.#remove(room, member);
    if (room.members.size === 0) this.#rooms.delete(group);
    else tell(room, member, `{"type":"relay-peer-left",${member.facts}}`);
  }
  send(group, from, to, frame) {
    const room = this.#rooms.get(group);
    if (room === void 0) return 0;
    if (to === void 0) return toOthers(room, from, frame, from);
    const target = room.members.get(to);
    if (target === void 0 || target === from) return 0;
    target.deliver(frame, from);
    return 1;
  }
  members(group) {
    return [...this.#rooms.get(group)?.members.values() ?? []];
  }
  async knows(group, fingerprint2) {
    return this.#deps.book.knows(group, fingerprint2);
  }
  wake(group, fingerprint2) {
    this.#rooms.get(group)?.byKey.get(fingerprint2)?.onMail();
  }
  expire() {
    return this.#deps.book.expire();
  }
  #refusal(group, member) {
    const room = this.#rooms.get(group);
    const holder = room?.members.get(member.nodeId);
    const owner = this.#deps.book.ownerOf(group, member.nodeId);
    if (owner !== void 0 && !isKeyOf(member, owner)) return { kind: "refused", why: "id-taken" };
    if (holder === void 0) {
      const isReturning = member.proven !== void 0 && room?.byKey.has(member.proven.fingerprint);
      return !isReturning && (room?.members.size ?? 0) >= this.#deps.limits.perGroup ? { kind: "refused", why: "group-full" } : void 0;
    }
    if (holder.proven !== void 0) return isKeyOf(member, holder.proven.publicKey) ? void 0 : { kind: "refused", why: "id-taken" };
    const isYoung = this.#deps.clock.monotonic() - holder.since < YOUNG_MS;
    return member.proven === void 0 && isYoung ? { kind: "refused", why: "duplicate" } : void 0;
  }
  #enter(group, member) {
    const room = this.#rooms.get(group) ?? { members: /* @__PURE__ */ new Map(), byKey: /* @__PURE__ */ new Map() };
    this.#rooms.set(group, room);
    const sameId = room.members.get(member.nodeId);
    const sameKey = member.proven && room.byKey.get(member.proven.fingerprint);
    for (const old of /* @__PURE__ */ new Set([sameId, sameKey])) if (old) this.#replace(room, old, member);
    const others = [...room.members.values()];
    room.members.set(member.nodeId, member);
    if (member.proven) room.byKey.set(member.proven.fingerprint, member);
    if (sameId === void 0) tell(room, member, `{"type":"relay-peer-joined",${member.facts}}`);
    return { kind: "joined", others };
  }
  #replace(room, old, by) {
    this.#remove(room, old);
    const isSameKey = old.proven !== void 0 && isKeyOf(by, old.proven.publicKey);
    if (old.nodeId !== by.nodeId) tell(room, old, `{"type":"relay-peer-left",${old.facts}}`);
    old.replaced(isSameKey ? "same-key" : "same-id");
  }
  #remove(room, member) {
    room.members.delete(member.nodeId);
    if (member.proven && room.byKey.get(member.proven.fingerprint) === member) room.byKey.delete(member.proven.fingerprint);
  }
};
function isKeyOf(member, publicKey) {
  return member.proven !== void 0 && Buffer.compare(member.proven.publicKey, publicKey) === 0;
}
function tell(room, about, text) {
  if (room.members.size > 0) toOthers(room, about, textFrame(text), void 0);
}
function toOthers(room, except, frame, from) {
  let sent = 0;
  for (const member of room.members.values()) {
    if (member === except) continue;
    member.deliver(frame, from);
    sent++;
  }
  return sent;
}

// server/src/relay/member-book.ts
var DAY_MS = 864e5;
var MemberBook = class {
  #db;
  #clock;
  #limits;
  constructor(db, clock, limits2) {
    this.#db = db;
    this.#clock = clock;
    this.#limits = limits2;
  }
  /** The key that owns this id, if one does. */
  ownerOf(group, nodeId2) {
    const key2 = this.#db.get("SELECT public_key FROM known WHERE room = ? AND node_id = ?", group, nodeId2)?.["public_key"];
    return key2 instanceof Uint8Array ? key2 : void 0;
  }
  knows(group, fingerprint2) {
    return this.#db.get("SELECT 1 AS one FROM known WHERE room = ? AND fingerprint = ? LIMIT 1", group, fingerprint2) !== void 0;
  }
  /** Notes that the holder of this key came; resolves when it is on disk. One key has one id: the newest. */
  async note(group, nodeId2, publicKey) {
    const fingerprint2 = fingerprintOf(publicKey);
    await this.#db.write(() => {
      this.#db.run("DELETE FROM known WHERE room = ? AND fingerprint = ? AND node_id <> ?", group, fingerprint2, nodeId2);
      if (this.ownerOf(group, nodeId2) === void 0 && this.#isFull(group)) return;
      this.#db.run(
        "INSERT INTO known VALUES (?, ?, ?, ?, ?) ON CONFLICT (room, node_id) DO UPDATE SET seen_at = excluded.seen_at",
        group,
        nodeId2,
        publicKey,
        fingerprint2,
        this.#clock.now()
      );
    });
  }
  async expire() {
    const since = this.#clock.now() - this.#limits.knownDays * DAY_MS;
    await this.#db.write(() => this.#db.run("DELETE FROM known WHERE seen_at < ?", since));
  }
  #isFull(group) {
    return Number(this.#db.get("SELECT count(*) AS n FROM known WHERE room = ?", group)?.["n"]) >= this.#limits.knownPerGroup;
  }
};

// server/src/relay/metrics.ts
var COUNTERS = {
  accepted: "connections accepted",
  refused_address: "connections refused: too many without authentication from one address, or in all",
  refused_http: "HTTP requests and upgrades refused",
  auth_failed: "authentications refused",
  joined: "members let in",
  messages: "envelopes taken",
  deliveries: "envelopes handed to a member",
  undeliverable: "envelopes for somebody who is not here",
  bad_frames: "frames dropped: malformed, or not allowed",
  throttled: "times that a member was made to wait for its rate",
  held: "times that a member was made to wait for a slow reader",
  cut: "members cut off: over a limit, or not reading",
  stored: "items stored",
  store_refused: "items refused",
  mailed: "items sent to their recipient",
  taken: "items taken by their recipient",
  expired: "items that were too old",
  bugs: "faults of the relay itself"
};
var Metrics = class {
  #counts = /* @__PURE__ */ new Map();
  count(name2, by = 1) {
    this.#counts.set(name2, this.get(name2) + by);
  }
  get(name2) {
    return this.#counts.get(name2) ?? 0;
  }
  text(gauges) {
    const counters = Object.entries(COUNTERS).flatMap(([name2, help]) => [
      `# HELP mesh_relay_${name2}_total ${help}`,
      `# TYPE mesh_relay_${name2}_total counter`,
      `mesh_relay_${name2}_total ${this.#counts.get(name2) ?? 0}`
    ]);
    const levels = Object.entries(gauges).flatMap(([name2, value]) => [`# TYPE mesh_relay_${name2} gauge`, `mesh_relay_${name2} ${value}`]);
    return `${[...counters, ...levels].join("\n")}
`;
  }
};

// server/src/relay/sqlite-queue.ts
import { createHmac } from "node:crypto";
var DIGEST_BYTES = 16;
var EXPIRE_AT_ONCE = 1e3;
var SqliteQueue = class {
  #deps;
  #secret;
  /** Bytes per group, and in all. */
  #groups = /* @__PURE__ */ new Map();
  #total = { items: 0, bytes: 0 };
  #isHealthy = true;
  #isMiscounted = false;
  constructor(deps) {
    this.#deps = deps;
    this.#secret = deps.random(32);
    this.#recount();
  }
  /** Whether the last write reached the disk. */
  get isHealthy() {
    return this.#isHealthy;
  }
  async put(item) {
    if (item.sealed.length > this.#deps.limits.itemBytes) return { kind: "refused", reason: "too-large" };
    try {
      return await this.#counted(() => this.#insert(item));
    } catch (thrown) {
      this.#deps.log.error("an item could not be stored", { error: messageOf(thrown) });
      return { kind: "refused", reason: "store-failed" };
    }
  }
  async next({ group, recipient }, seq, limit) {
    const rows = this.#deps.db.all(
      "SELECT seq, id, digest, sealed FROM item WHERE room = ? AND recipient = ? AND seq > ? AND expires_at > ? ORDER BY seq LIMIT ?",
      group,
      recipient,
      seq,
      this.#deps.clock.now(),
      limit
    );
    return rows.flatMap((row) => this.#read(row) ?? []);
  }
  async ack({ group, recipient }, ids) {
    const where = "room = ? AND recipient = ? AND id = ?";
    await this.#counted(() => {
      for (const id of ids) this.#remove(where, group, recipient, id);
    });
  }
  expire() {
    const where = "seq IN (SELECT seq FROM item WHERE expires_at <= ? LIMIT ?)";
    return this.#counted(() => this.#remove(where, this.#deps.clock.now(), EXPIRE_AT_ONCE));
  }
  usage(mailbox) {
    if (this.#isMiscounted) this.#recount();
    return mailbox === void 0 ? this.#total : this.#sum("room = ? AND recipient = ?", mailbox.group, mailbox.recipient);
  }
  #insert(item) {
    const { db, clock, limits: limits2 } = this.#deps;
    const { group, recipient, id, sealed } = item;
    const digest = digestOf(sealed);
    const known = db.get("SELECT digest, expires_at FROM item WHERE room = ? AND recipient = ? AND id = ?", group, recipient, id);
    if (known) {
      const isSame = known["digest"] instanceof Uint8Array && Buffer.compare(known["digest"], digest) === 0;
      return isSame ? { kind: "stored", expiresAt: Number(known["expires_at"]) } : { kind: "refused", reason: "id-used" };
    }
    const pair = this.#pairOf(item);
    if (!this.#hasRoom(item, pair)) return { kind: "refused", reason: "queue-full" };
    const expiresAt = clock.now() + Math.min(item.ttlMs, limits2.ttlMs);
    const columns = "(room, recipient, id, bytes, expires_at, pair, digest, sealed)";
    db.run(
      `INSERT INTO item ${columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      group,
      recipient,
      id,
      sealed.length,
      expiresAt,
      pair,
      digest,
      sealed
    );
    this.#add(group, 1, sealed.length);
    return { kind: "stored", expiresAt };
  }
  #hasRoom({ group, recipient, sealed }, pair) {
    const { limits: limits2, db } = this.#deps;
    const box = this.usage({ group, recipient });
    const ofPair = Number(db.get("SELECT count(*) AS n FROM item WHERE pair = ?", pair)?.["n"]);
    return box.items < limits2.queueItems && box.bytes + sealed.length <= limits2.queueBytes && ofPair < limits2.pairItems && (this.#groups.get(group) ?? 0) + sealed.length <= limits2.groupBytes && this.#total.bytes + sealed.length <= limits2.storeBytes;
  }
  #read(row) {
    const { seq, id, digest, sealed } = row;
    const isWhole = sealed instanceof Uint8Array && digest instanceof Uint8Array && Buffer.compare(digestOf(sealed), digest) === 0;
    if (isWhole) return { seq: Number(seq), id: String(id), sealed };
    this.#deps.log.error("a stored item is damaged and is not delivered", { seq: Number(seq) });
    return void 0;
  }
  /** Names both ends under a secret, so that equal pairs are equal and nothing else can be learned from it. */
  #pairOf({ group, recipient, sender }) {
    const text = `${group} ${sender} ${recipient}`;
    return createHmac("sha256", this.#secret).update(utf8(text)).digest().subarray(0, DIGEST_BYTES);
  }
  #sum(where, ...parameters) {
    const row = this.#deps.db.get(`SELECT count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM item WHERE ${where}`, ...parameters);
    return { items: Number(row?.["items"]), bytes: Number(row?.["bytes"]) };
  }
  #remove(where, ...parameters) {
    const gone = this.#deps.db.all(`DELETE FROM item WHERE ${where} RETURNING room, bytes`, ...parameters);
    for (const { room, bytes } of gone) this.#add(String(room), -1, -Number(bytes));
    return gone.length;
  }
  #add(group, items, bytes) {
    this.#groups.set(group, (this.#groups.get(group) ?? 0) + bytes);
    if (this.#groups.get(group) === 0) this.#groups.delete(group);
    this.#total = { items: this.#total.items + items, bytes: this.#total.bytes + bytes };
  }
  #recount() {
    this.#total = this.#sum("1 = 1");
    this.#groups.clear();
    for (const row of this.#deps.db.all("SELECT room, sum(bytes) AS bytes FROM item GROUP BY room")) {
      this.#groups.set(String(row["room"]), Number(row["bytes"]));
    }
    this.#isMiscounted = false;
  }
  /** A write that was rolled back has been counted all the same. */
  async #counted(work) {
    try {
      const result = await this.#deps.db.write(work);
      this.#isHealthy = true;
      return result;
    } catch (thrown) {
      this.#isHealthy = false;
      this.#isMiscounted = true;
      throw thrown;
    }
  }
};
function digestOf(sealed) {
  return sha256(sealed).subarray(0, DIGEST_BYTES);
}

// server/src/relay/server.ts
var SWEEP_MS = 1e3;
var EXPIRE_MS = 6e4;
var HEADER_BYTES = 8192;
async function startRelay(options, deps) {
  const server = new RelayServer(options, deps);
  try {
    await server.start();
    return server;
  } catch (thrown) {
    await server.stop();
    throw thrown;
  }
}
var RelayServer = class {
  counters = new Metrics();
  #options;
  #deps;
  #scope;
  #guard;
  #admission;
  #router;
  #queue;
  #connection;
  #http;
  #ws;
  #proxies;
  /** By remote address and port, which an upgraded TLS socket shares with the TCP socket below it. */
  #arrivals = /* @__PURE__ */ new Map();
  #startedAt;
  #metricsPort;
  constructor(options, deps) {
    const { clock, log, db, random = systemRandom } = deps;
    const { limits: limits2 } = options;
    this.#options = options;
    this.#deps = deps;
    this.#startedAt = clock.monotonic();
    this.#guard = new Guard(log);
    this.#scope = new Scope(clock, (thrown) => this.#guard.run("stop", () => Promise.reject(thrown)));
    this.#admission = new Admission(limits2);
    this.#router = new LocalRouter({ clock, limits: limits2, book: new MemberBook(db, clock, limits2) });
    this.#queue = new SqliteQueue({ db, clock, random, log, limits: limits2 });
    this.#proxies = new Set(options.proxies.map(plainAddress));
    this.#connection = {
      clock,
      random,
      log,
      limits: limits2,
      tokens: new Tokens(options.tokens),
      router: this.#router,
      queue: this.#queue,
      metrics: this.counters,
      flusher: new Flusher(),
      relayId: relayIdOf(db, random)
    };
    this.#ws = new import_websocket_server.default({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: limits2.messageBytes });
    this.#http = this.#createServer();
  }
  get port() {
    return portOf(this.#http);
  }
  get metricsPort() {
    return this.#metricsPort;
  }
  async start() {
    const { host, port, metrics } = this.#options;
    await listen(this.#http, host, port);
    this.#scope.defer(() => this.#close());
    if (metrics) await this.#serveMetrics(metrics);
    this.#scope.every(SWEEP_MS, () => this.#guard.run("sweep", () => this.#sweep()));
    this.#scope.every(EXPIRE_MS, () => this.#guard.run("expire", () => this.#expire()));
    await this.#expire();
  }
  stop() {
    return this.#scope.stop();
  }
  #createServer() {
    const { tls, limits: limits2 } = this.#options;
    const common = { maxHeaderSize: HEADER_BYTES, headersTimeout: limits2.authMs, requestTimeout: limits2.authMs, keepAliveTimeout: 1e3 };
    const server = tls ? https.createServer({ ...common, cert: read(tls.certFile), key: read(tls.keyFile), handshakeTimeout: limits2.authMs }) : http.createServer(common);
    server.maxConnections = limits2.connections;
    server.on("connection", (socket) => this.#guard.run("connection", () => this.#onConnection(socket)));
    server.on("request", (request, response) => this.#guard.run("request", () => this.#onRequest(request, response)));
    server.on("upgrade", (request, socket, head) => this.#guard.run("upgrade", () => this.#onUpgrade(request, socket, head)));
    server.on("clientError", (_error, socket) => socket.destroy());
    return server;
  }
  /** Counts from the first packet on: who connects and says nothing holds a place too. */
  #onConnection(socket) {
    const remote = plainAddress(socket.remoteAddress ?? "unknown");
    const place = this.#admission.enter(this.#proxies.has(remote) ? void 0 : remote);
    if (place === void 0) {
      this.counters.count("refused_address");
      socket.destroy();
      return;
    }
    this.counters.count("accepted");
    const key2 = keyOf(socket);
    const timer = this.#deps.clock.after(
      this.#options.limits.authMs,
      () => this.#guard.run("deadline", () => this.#onDeadline(key2, socket))
    );
    this.#arrivals.set(key2, { place, socket, remote, cancelDeadline: () => timer.cancel(), connection: void 0 });
    socket.on("error", () => {
    });
    socket.once("close", () => {
      timer.cancel();
      this.#arrivals.get(key2)?.place.free();
      this.#arrivals.delete(key2);
    });
  }
  #onDeadline(key2, socket) {
    const connection = this.#arrivals.get(key2)?.connection;
    if (connection?.isIn) return;
    if (connection) connection.close(RELAY_CLOSE.authTimeout, "no authentication in time");
    else socket.destroy();
  }
  #onRequest(request, response) {
    const isHealth = request.method === "GET" && request.url === "/health";
    if (!isHealth) this.counters.count("refused_http");
    const status = isHealth ? this.#queue.isHealthy ? 200 : 503 : 404;
    const body = isHealth ? JSON.stringify({ status: status === 200 ? "ok" : "storage" }) : "";
    response.writeHead(status, { connection: "close", "content-type": "application/json", "cache-control": "no-store" }).end(body);
  }
  #onUpgrade(request, socket, head) {
    socket.on("error", () => {
    });
    const arrival = this.#arrivals.get(keyOf(request.socket));
    if (arrival === void 0 || request.headers.origin !== void 0 || !this.#isAdmitted(arrival, request)) {
      this.counters.count("refused_http");
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    this.#ws.handleUpgrade(request, socket, head, (ws) => {
      arrival.connection = new RelayConnection(ws, socket, arrival.place, this.#connection);
      limitBytes(socket, head.length, this.#options.limits.bytesBefore, arrival.connection);
    });
  }
  /** Behind a proxy the place is counted for the client that it speaks for. */
  #isAdmitted(arrival, request) {
    if (!this.#proxies.has(arrival.remote)) return true;
    const forwarded = request.headers["x-forwarded-for"];
    const place = this.#admission.enter(
      clientAddress(arrival.remote, Array.isArray(forwarded) ? forwarded.join() : forwarded, this.#proxies)
    );
    if (place === void 0) return false;
    arrival.place.free();
    arrival.place = place;
    return true;
  }
  #sweep() {
    for (const { connection, cancelDeadline } of this.#arrivals.values()) {
      if (!connection?.isIn) continue;
      cancelDeadline();
      connection.beat();
    }
  }
  async #expire() {
    this.counters.count("expired", await this.#queue.expire());
    await this.#router.expire();
  }
  async #serveMetrics({ host, port }) {
    const server = http.createServer((request, response) => {
      const isAsked = request.method === "GET" && request.url === "/metrics";
      response.writeHead(isAsked ? 200 : 404, { connection: "close", "content-type": "text/plain; version=0.0.4" });
      response.end(isAsked ? this.#metricsText() : "");
    });
    await listen(server, host, port);
    this.#metricsPort = portOf(server);
    this.#scope.defer(() => new Promise((done) => server.close(() => done())));
  }
  #metricsText() {
    const { items, bytes } = this.#queue.usage();
    return this.counters.text({
      connections: this.#arrivals.size,
      waiting: this.#admission.waiting,
      groups: this.#router.groups,
      queue_items: items,
      queue_bytes: bytes,
      resident_bytes: process.memoryUsage.rss(),
      uptime_seconds: Math.round((this.#deps.clock.monotonic() - this.#startedAt) / 1e3)
    });
  }
  async #close() {
    const closed = new Promise((done) => this.#http.close(() => done()));
    for (const { connection, socket } of this.#arrivals.values()) {
      if (connection) connection.close(RELAY_CLOSE.shutdown, "the relay is stopping");
      else socket.destroy();
    }
    this.#ws.close();
    await closed;
  }
};
function limitBytes(socket, begun, most, connection) {
  let bytes = begun;
  const onData = (chunk) => {
    bytes += chunk.length;
    if (connection.isIn) socket.off("data", onData);
    else if (bytes > most) socket.destroy();
  };
  socket.on("data", onData);
}
function relayIdOf(db, random) {
  db.run("INSERT OR IGNORE INTO relay VALUES ('id', ?)", toHex(random(16)));
  return String(db.get("SELECT value FROM relay WHERE name = 'id'")?.["value"]);
}
function keyOf(socket) {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
function read(file) {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw new MeshError("settings-invalid", `${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
}
function listen(server, host, port) {
  return new Promise((resolve, reject) => {
    const failed = (thrown) => reject(new MeshError("unreachable", `cannot listen on ${host} port ${port}: ${messageOf(thrown)}`, { cause: thrown }));
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      resolve();
    });
  });
}
function portOf(server) {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

// server/src/app/relay-settings.ts
import { readFileSync as readFileSync2 } from "node:fs";
import path from "node:path";
var MIN_TOKEN_CHARACTERS = 16;
var DEFAULT_LISTEN = "127.0.0.1:7343";
var positive = number().positive().finite();
var limitNames = Object.keys(DEFAULT_RELAY_LIMITS);
var relayFile = strictObject({
  listen: string().optional(),
  state: string().optional(),
  tokens: array(string()).optional(),
  tokensFile: string().optional(),
  open: boolean().optional(),
  cert: string().optional(),
  key: string().optional(),
  metrics: string().optional(),
  proxies: array(string()).optional(),
  limits: strictObject(Object.fromEntries(limitNames.map((name2) => [name2, positive.optional()]))).optional()
});
function readRelaySettings(flags, env) {
  const faults = [];
  const fault = (text) => void faults.push(text);
  const variable = (name2) => present(env[name2]);
  const file = readFile(flags.config ?? variable("SYM_RELAY_CONFIG"), fault);
  const cert = flags.cert ?? variable("SYM_RELAY_CERT") ?? file.cert;
  const key2 = flags.key ?? variable("SYM_RELAY_KEY") ?? file.key;
  if (cert === void 0 !== (key2 === void 0)) fault("a certificate needs its key, and a key its certificate: give --cert and --key");
  const tokensFile = flags.tokensFile ?? variable("SYM_RELAY_TOKENS_FILE") ?? file.tokensFile;
  const tokens = readTokens(variable("SYM_RELAY_TOKENS"), tokensFile, file, fault);
  const isOpen = flags.open ?? (variable("SYM_RELAY_OPEN") === void 0 ? file.open === true : true);
  const at = parseListen(flags.listen ?? variable("SYM_RELAY_LISTEN") ?? file.listen ?? DEFAULT_LISTEN, "the address to listen on", fault);
  if (tokens.length === 0 && !isOpen && !isLoopbackHost(at.host)) fault(noToken(at.host));
  const settings = {
    ...at,
    tokens,
    tls: cert !== void 0 && key2 !== void 0 ? { certFile: cert, keyFile: key2 } : void 0,
    metrics: readMetrics(flags.metrics ?? variable("SYM_RELAY_METRICS") ?? file.metrics, fault),
    proxies: flags.trustProxy ?? listOf(variable("SYM_RELAY_PROXIES")) ?? file.proxies ?? [],
    limits: readLimits(file, [...listOf(variable("SYM_RELAY_LIMITS")) ?? [], ...flags.limit ?? []], fault),
    state: path.resolve(flags.state ?? variable("SYM_RELAY_STATE") ?? file.state ?? path.join(rootFolder(env).value, "relay"))
  };
  if (faults.length > 0)
    throw new MeshError("settings-invalid", `The relay cannot start with these settings:
${faults.map((line) => `  ${line}`).join("\n")}`);
  return settings;
}
function present(text) {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? void 0 : trimmed;
}
function listOf(text) {
  return text?.split(",").map((item) => item.trim()).filter((item) => item !== "");
}
function readFile(file, fault) {
  if (file === void 0) return {};
  try {
    const parsed = relayFile.safeParse(JSON.parse(readFileSync2(file, "utf8")));
    if (parsed.success) return parsed.data;
    fault(`${file}: ${parsed.error.issues.map((issue) => `${issue.path.join(".") || "file"}: ${issue.message}`).join("; ")}`);
  } catch (thrown) {
    fault(`${file} cannot be read: ${messageOf(thrown)}`);
  }
  return {};
}
function readTokens(given, tokensFile, file, fault) {
  const tokens = [...listOf(given) ?? [], ...tokensFile === void 0 ? [] : tokensIn(tokensFile, fault), ...file.tokens ?? []];
  const short = tokens.filter((token) => token.length < MIN_TOKEN_CHARACTERS).length;
  if (short > 0) fault(`${short} of the tokens is shorter than ${MIN_TOKEN_CHARACTERS} characters; make one with: openssl rand -hex 24`);
  return [...new Set(tokens)];
}
function tokensIn(file, fault) {
  try {
    const lines = readFileSync2(file, "utf8").split("\n").map((line) => line.trim());
    const tokens = lines.filter((line) => line !== "" && !line.startsWith("#"));
    if (tokens.length === 0) fault(`${file} holds no token; write one per line`);
    return tokens;
  } catch (thrown) {
    fault(`${file} cannot be read: ${messageOf(thrown)}`);
    return [];
  }
}
function noToken(host) {
  return `${host} can be reached by others, and there is no token: anybody could use this relay. Name a file with one token per line (--tokens-file), or say --open if that is what you want`;
}
function parseListen(text, what, fault) {
  const match = /^(?:\[([0-9a-f:.%a-z]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) {
    fault(`${what}: ${JSON.stringify(text.slice(0, 80))} is no address. It looks like 0.0.0.0:7343 or [::]:7343`);
    return { host: "127.0.0.1", port: 0 };
  }
  return { host: match[1] ?? match[2] ?? "", port };
}
function readMetrics(text, fault) {
  if (text === void 0) return void 0;
  const at = parseListen(text, "the address of the metrics", fault);
  if (!isLoopbackHost(at.host)) fault(`the metrics are served on a loopback address alone; ${at.host} is none. Use 127.0.0.1:7344`);
  return at;
}
function isLoopbackHost(host) {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
function readLimits(file, given, fault) {
  const limits2 = {};
  for (const [name2, value] of Object.entries(file.limits ?? {})) if (value !== void 0) limits2[name2] = value;
  for (const text of given) {
    const [name2 = "", value] = text.split("=");
    const number2 = positive.safeParse(Number(value));
    if (limitNames.includes(name2) && number2.success) limits2[name2] = number2.data;
    else fault(`${JSON.stringify(text.slice(0, 80))} is no limit. It looks like perGroup=512; the names are in docs/LIMITS.md under relay`);
  }
  return { ...DEFAULT_RELAY_LIMITS, ...limits2 };
}

// server/src/app/relay.ts
async function runRelay(flags, { env, out, err, signal }) {
  const settings = readRelaySettings(flags, env);
  const isDebug = (env["SYM_DEBUG"] ?? "") !== "";
  const log = createLog(err, isDebug ? "debug" : "warn", systemClock);
  const db = await openDatabase(path2.join(settings.state, "relay.db"), RELAY_MIGRATIONS);
  try {
    const relay = await startRelay(settings, { clock: systemClock, log, db });
    const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
    const url = `${settings.tls ? "wss" : "ws"}://${host}:${relay.port}`;
    const metrics = settings.metrics && `http://${settings.metrics.host}:${relay.metricsPort}/metrics`;
    const groups = settings.tokens.length;
    if (flags.json) out(JSON.stringify({ url, port: relay.port, metrics, tokens: groups, state: settings.state }));
    else
      out(
        `relay on ${url}, ${groups === 0 ? "open to whoever reaches it" : `${groups} token${groups === 1 ? "" : "s"}`}, state in ${settings.state}`
      );
    await ended(signal);
    await relay.stop();
  } finally {
    db.close();
  }
}
function ended(signal) {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
export {
  runRelay
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
