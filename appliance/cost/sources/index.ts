import type { PowerPlugin } from '../source.ts';
import { fixed } from './fixed.ts';
import { homeAssistant } from './home-assistant.ts';
import { ipmi } from './ipmi.ts';
import { model } from './model.ts';
import { mqtt } from './mqtt.ts';
import { prometheus } from './prometheus.ts';
import { rapl } from './rapl.ts';
import { redfish } from './redfish.ts';
import { shelly } from './shelly.ts';
import { shellyMqtt } from './shelly-mqtt.ts';
import { tasmota } from './tasmota.ts';
import { tasmotaMqtt } from './tasmota-mqtt.ts';
import { tdp } from './tdp.ts';
import { ups } from './ups.ts';

/** Every source of power, the best first, in the order in which they are offered. */
export const sources: readonly PowerPlugin[] = [
  ...[shelly, shellyMqtt, tasmota, tasmotaMqtt, mqtt, homeAssistant, prometheus],
  ...[redfish, ipmi, ups, rapl, model, tdp, fixed],
];
