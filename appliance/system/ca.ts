import { caCertificate } from '../../protocol/routes/system.ts';
import type { Routes } from '../serve.ts';

/** The CA's certificate (PEM), for devices that shall trust this appliance. */
export function serveCa(routes: Routes, ca: string): void {
  routes.serve(caCertificate, ({ setHeader }) => {
    setHeader('content-disposition', 'attachment; filename="reeve-ca.crt"');
    return ca;
  });
}
