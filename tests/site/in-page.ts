// Expressions that are evaluated in a page.

/** Whether Vue has taken over the page. */
export const MOUNTED = `document.querySelector('#app')?.__vue_app__ !== undefined
  && document.querySelector('.vp-doc h1') !== null`;

/** Whether every diagram is drawn. */
export const DRAWN = `[...document.querySelectorAll('.mermaid-diagram')]
  .every((diagram) => diagram.querySelector('svg') !== null)`;

/** The addresses that the content and the sidebar link to. */
export const LINKS = `[...document.querySelectorAll('#app a[href]')].map((link) => link.href)`;

/** The anchors that links can lead to. */
export const ANCHORS = `[...document.querySelectorAll('[id]')].map(({ id }) => id)`;

/** What makes the page wider than the window. */
export const WIDER_THAN_WINDOW = `document.documentElement.scrollWidth <= window.innerWidth ? []
  : [...document.querySelectorAll('.vp-doc > div > *')]
    .filter((element) => element.getBoundingClientRect().right > window.innerWidth)
    .map((element) => element.outerHTML.slice(0, 100))
    .concat('scrolls sideways')`;

/** The addresses of the results of a search. */
export const RESULTS = `[...document.querySelectorAll('.VPLocalSearchBox a.result')].map((link) => link.href)`;

/** Pictures whose first pixel lets the page shine through, or that did not load. */
export const TRANSPARENT_PICTURES = `Promise.all([...document.querySelectorAll('.vp-doc img')].map(async (img) => {
  await img.decode();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const context = canvas.getContext('2d');
  context.drawImage(img, 0, 0, 64, 64);
  return context.getImageData(32, 1, 1, 1).data[3] === 255 ? [] : [img.src];
})).then((found) => found.flat())`;

/** Texts whose contrast with their background is below the bound of WCAG's level AA for large text. */
export const FAINT_TEXTS = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let each = element; each !== null; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.querySelector('.vp-doc'), NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || element.closest('svg, style, button, .header-anchor, .lang')) continue;
    const [a, b] = [channels(getComputedStyle(element).color), behind(element)].map(luminance);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(ratio.toFixed(1) + ' ' + node.data.trim());
  }
  return found;
})()`;
