// numpy.random.RandomState(seed) with the same stream: a page without a server must draw the same seeds as Python.
//
// Matsumoto and Nishimura, "Mersenne Twister" (1998), seeded as RandomState seeds an integer; doubles of 53 bits;
// normals by Marsaglia's polar method, two at a time. Math.log may differ from C's in the last bit of a double, which
// rounding to float32 removes.

const SIZE = 624;
const SHIFT = 397;
const UPPER = 0x80000000;
const LOWER = 0x7fffffff;
const MATRIX = 0x9908b0df;

export class RandomState {
  #key = new Uint32Array(SIZE);
  #at = SIZE;
  #second = null; // the second of the last pair of normals

  /** @param {number | number[]} seed 0 … 2**32-1, or a list of such numbers */
  constructor(seed) {
    for (const each of [seed].flat())
      if (!Number.isInteger(each) || each < 0 || each > 0xffffffff) throw new RangeError(`${each} is not a seed`);
    if (Array.isArray(seed)) this.#startAtList(seed);
    else this.#start(seed);
  }

  #start(seed) {
    let value = seed >>> 0;
    for (let index = 0; index < SIZE; index++) {
      this.#key[index] = value;
      value = (Math.imul(value ^ (value >>> 30), 1812433253) + index + 1) >>> 0;
    }
  }

  #startAtList(seeds) {
    const key = this.#key;
    this.#start(19650218);
    let at = 1;
    const mixed = (factor) => key[at] ^ Math.imul(key[at - 1] ^ (key[at - 1] >>> 30), factor);
    const put = (value) => {
      key[at++] = value;
      if (at < SIZE) return;
      key[0] = key[SIZE - 1];
      at = 1;
    };
    for (let count = 0; count < Math.max(SIZE, seeds.length); count++) {
      const index = count % seeds.length;
      put(mixed(1664525) + seeds[index] + index);
    }
    for (let count = 1; count < SIZE; count++) put(mixed(1566083941) - at);
    key[0] = UPPER;
  }

  #fill() {
    const key = this.#key;
    for (let index = 0; index < SIZE; index++) {
      const pair = (key[index] & UPPER) | (key[(index + 1) % SIZE] & LOWER);
      key[index] = key[(index + SHIFT) % SIZE] ^ (pair >>> 1) ^ (pair & 1 ? MATRIX : 0);
    }
    this.#at = 0;
  }

  #next() {
    if (this.#at === SIZE) this.#fill();
    let value = this.#key[this.#at++];
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  }

  /** Return a number in [0, 1), as random_sample() draws it. */
  randomSample() {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  #normal() {
    if (this.#second !== null) {
      const kept = this.#second;
      this.#second = null;
      return kept;
    }
    let x, y, square;
    do {
      x = 2 * this.randomSample() - 1;
      y = 2 * this.randomSample() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    this.#second = scale * x;
    return scale * y;
  }

  /** @returns {Float32Array} standard_normal(count), rounded to float32 */
  standardNormal(count) {
    return Float32Array.from({ length: count }, () => this.#normal());
  }

  /** Return a whole number in low … high - 1, as randint(low, high) draws it. */
  randint(low, high) {
    const most = high - 1 - low;
    if (most === 0) return low; // draws nothing
    const mask = 2 ** Math.ceil(Math.log2(most + 1)) - 1;
    for (;;) {
      const value = (this.#next() & mask) >>> 0;
      if (value <= most) return low + value;
    }
  }

  /** @returns {number[]} dirichlet(ones(count)): random weights of sum 1 */
  weights(count) {
    const drawn = Array.from({ length: count }, () => -Math.log(1 - this.randomSample()));
    const sum = drawn.reduce((whole, value) => whole + value, 0);
    return drawn.map((value) => value * (1 / sum));
  }
}
