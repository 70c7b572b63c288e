/** A goal, the figure that was measured for it, and whether that meets it. */
export function goal(aim: string, figure: string, met: boolean): string {
  return `Goal: ${aim}: ${figure}, ${met ? 'met' : 'not met'}.`;
}
