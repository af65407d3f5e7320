/** Boxes whose text changes with every key, and what stands below them. */

/**
 * Keep a box as high as it has been since it has this width, so that what is below it does not jump.
 * @param {HTMLElement} box
 * @returns {() => void} lets it become as low as its content again
 */
export function keepHeight(box) {
  let width = -1;
  const release = () => {
    box.style.minHeight = "";
    box.style.minHeight = `${box.getBoundingClientRect().height}px`;
  };
  new ResizeObserver((entries) => {
    const { inlineSize, blockSize } = entries[entries.length - 1].borderBoxSize[0];
    if (inlineSize === width) box.style.minHeight = `${blockSize}px`;
    else requestAnimationFrame(release); // not here: a box may not change its size while it is told of it
    width = inlineSize;
  }).observe(box);
  return release;
}
