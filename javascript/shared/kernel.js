// What a widget says where the kernel does not answer.

const PATIENCE = 2000; // milliseconds
const RESTARTED =
  "This is not kept: the kernel was restarted after this cell ran. Run this cell again to go on, after the " +
  "cells above it.";
const SILENT =
  "The kernel has not answered, so this is not kept yet. If it is busy with another cell, its answer comes " +
  "when that is done. If it was restarted or stopped, run this cell again to go on, after the cells above " +
  "it.";

// `say` is called with one of the sentences above, unless `stop` is called in time after `start`.
export function kernelTimer(model, say) {
  let timer = 0;
  let restarted = false;
  // JupyterLab tells its widgets when it disconnects them.
  model.on("comm_live_update", () => {
    restarted = true;
  });
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    // A page without a kernel has words of its own.
    const silent = model.unanswered ?? SILENT;
    timer = setTimeout(() => say(restarted ? RESTARTED : silent), restarted ? 0 : PATIENCE);
  };
  return { start, stop };
}
