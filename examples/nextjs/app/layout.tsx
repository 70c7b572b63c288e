import type { ReactNode } from 'react';
import { ReportVisit } from './report-visit';

export const metadata = { title: 'Conversion tracking' };

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        {children}
        <ReportVisit />
      </body>
    </html>
  );
}
