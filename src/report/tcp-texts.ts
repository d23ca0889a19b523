/** What stands behind the findings on TCP: a title and an explanation for each, by the name of the anomaly. */
import { byWord } from '../base/by-word.ts'

/** What stands behind the id of a finding, for learners. */
export interface RuleText {
  readonly title: string
  readonly explanation: string
}

const text = (title: string, explanation: string): RuleText => ({ title, explanation })

const TEXTS = byWord<RuleText>({
  overlap_conflict: text(
    'Two copies that differ',
    'The same bytes of the stream came twice with different content. A receiver may have read the other copy; the first one is shown.',
  ),
  suspected_rst_inject: text(
    'Reset that nobody would accept',
    'The sequence number of the RST is outside the window of the receiver, which ignores it (RFC 9293). Somebody on the way may have forged it.',
  ),
  data_after_rst: text(
    'Data after a reset',
    'Data follows a RST that the receiver would have accepted. Either the RST did not reach it, or the data was on its way already.',
  ),
  rst_with_data: text('Reset with data', 'A RST may carry a text that says why (RFC 1122 §4.2.2.12).'),
  data_after_fin: text(
    'Data behind the end',
    'A side said with FIN that it has sent everything, and sent more. A receiver ignores what lies behind the FIN.',
  ),
  port_reuse: text(
    'Ports used again',
    'The same two addresses and ports serve a new connection after the old one ended.',
  ),
  syn_in_connection: text(
    'New connection over an open one',
    'A SYN with a new number came while the connection stood. One side has lost the old connection, for example by a restart.',
  ),
  urgent_data: text('Urgent data', 'A segment has the URG flag. Its bytes stay in their place in the stream.'),
  beyond_window: text(
    'Data far ahead',
    'Data lies further ahead than a window reaches. It is held back until the bytes before it come.',
  ),
  ack_of_unseen_data: text(
    'Acknowledgement of unseen data',
    'A side acknowledges bytes far beyond those that are in the capture. The acknowledgement is not believed.',
  ),
  queue_limit: text(
    'Gap given up',
    'Too much data waited behind missing bytes, so they are taken for lost. They may still be in the capture, further on.',
  ),
  data_on_syn: text('Data on a SYN', 'TCP Fast Open sends data with the first segment (RFC 7413).'),
  jump: text(
    'Jump in the stream',
    'The sequence numbers go on far ahead, as after a time in which nothing was captured.',
  ),
  length_beyond_frame: text(
    'Length beyond the frame',
    'The length in the IP header claims more bytes than the frame had on the wire.',
  ),
  extension_twice: text('Extension header twice', 'An IPv6 extension header that may stand once stands twice.'),
  bad_tcp_options: text(
    'Malformed TCP options',
    'The length of a TCP option is wrong, so the options behind it cannot be read.',
  ),
  fragment_conflict: text(
    'Fragments that differ',
    'IP fragments overlap with different content. A receiver may have read the other one; the first is shown.',
  ),
  one_direction: text(
    'One direction captured',
    'One side acknowledges bytes of the other, of which no segment is in the capture. What that side sent is not known, and nothing is called missing.',
  ),
  same_stream: text(
    'One stream under two names',
    'Two streams have the same sequence numbers and bytes and different addresses: both sides of a translation of addresses (NAT) were captured. Its packets are read once.',
  ),
})

/** Returns the text behind the id of a finding on TCP; undefined for other ids. */
export const tcpText = (id: string): RuleText | undefined => (id.startsWith('tcp.') ? TEXTS[id.slice(4)] : undefined)
