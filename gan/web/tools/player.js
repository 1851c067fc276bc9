// Plays walks on the page: small frames are requested a few at a time, and shown at the walks' own rate.
import { explain } from "../core/notices.js";
import { page } from "../core/page.js";
import { ask } from "../core/session.js";
import { store } from "../core/store.js";

/**
 * @param show called with each walk's picture of a frame, the frame's number and the number of frames
 * @param lengthOf the walks' length, and whether it loops: {seconds, closed}
 * @param onchange called when playing has begun or ended, with whether the position stays where playing ended
 */
export const makePlayer = ({ show, lengthOf, onchange }) => {
  let playing = false;
  let [time, lastTick, shown] = [0, 0, -1];
  let film = { key: "", walks: [], count: 0, loading: false };

  const load = async (wanted) => {
    if (wanted.loading) return;
    wanted.loading = true;
    try {
      for (let start = 0; start < wanted.count && playing && film === wanted; start += 1) {
        for (const { asked, frames } of wanted.walks) {
          if (frames[start] !== undefined) continue;
          const answer = await ask("preview", { ...asked, frames: wanted.count, start });
          answer.frames.forEach((src, index) => {
            frames[answer.start + index] = src;
          });
        }
      }
    } catch (error) {
      pause();
      explain(error);
    }
    wanted.loading = false;
  };
  const tick = (instant) => {
    if (!playing) return;
    if (store.state.tool !== "morph" || !page.element.isConnected) return pause({ keep: false });
    const { seconds, closed } = lengthOf();
    const next = time + (instant - lastTick) / 1000;
    lastTick = instant;
    if (next >= seconds && !closed) return pause();
    const frame = Math.min(film.count - 1, Math.floor(((next % seconds) / seconds) * film.count));
    const pictures = film.walks.map(({ frames }) => frames[frame]);
    if (pictures.every(Boolean)) {
      // Playing waits for a frame that has not arrived yet
      time = next % seconds;
      if (frame !== shown) {
        shown = frame;
        show(pictures, frame, film.count);
      }
    }
    requestAnimationFrame(tick);
  };
  /** @param keep whether the position stays where playing ended */
  const pause = ({ keep = true } = {}) => {
    if (!playing) return;
    playing = false;
    onchange(keep);
  };
  const keyOf = (walks, count) => JSON.stringify([walks, count]);
  return {
    get isPlaying() {
      return playing;
    },
    /** Whether the given walks are those that play. */
    plays: (walks, count) => playing && keyOf(walks, count) === film.key,
    /** Play walks of equal length at the same time. */
    start(walks, count) {
      const key = keyOf(walks, count);
      if (key !== film.key) {
        film = { key, walks: walks.map((asked) => ({ asked, frames: [] })), count, loading: false };
      }
      playing = true;
      [time, lastTick, shown] = [0, performance.now(), -1];
      onchange(false);
      load(film);
      requestAnimationFrame(tick);
    },
    pause,
  };
};
