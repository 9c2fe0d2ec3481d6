import type { Host } from '../../protocol/hosts.ts';
import { hostServices } from '../../protocol/routes/services.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { Services } from './services.ts';

export interface ServicesParts {
  services: Services;
  visible(session: Session, hostId: string): Host;
}

export function serveServices(routes: Routes, { services, visible }: ServicesParts): void {
  routes.serve(hostServices, ({ session, params }) => services.of(visible(session, params.hostId)));
}
