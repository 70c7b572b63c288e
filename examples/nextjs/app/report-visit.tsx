'use client';

import { usePathname } from 'next/navigation';
import { useEffect } from 'react';

/** Reports each page that is shown. Render it where the visitor has consented. */
export function ReportVisit() {
  const path = usePathname();
  useEffect(() => {
    const visit = {
      page_url: new URL(path + window.location.search, window.location.origin).href,
      referrer: document.referrer,
    };
    void fetch('/api/visits', {
      method: 'POST',
      body: JSON.stringify(visit),
      headers: { 'content-type': 'application/json' },
      keepalive: true,
    });
  }, [path]);
  return null;
}
