/** What each index is for, in the order of a reader's questions. */
export const INDEX_PURPOSES: Readonly<Record<string, string>> = {
  visitors_pkey: 'the primary key',
  idx_visitors_visitor_id: 'one row for each cookie, and its visitor by `upsert_visitor`',
  idx_visitors_gclid: 'the visitor of a click',
  idx_visitors_last_seen_at: 'those not seen for long, for `purge_tracking_data`',
  conversions_pkey: 'the primary key; a claim joins by it',
  idx_conversions_lead_id: 'the conversions of a lead, and its deletion',
  idx_conversions_idempotency_key: 'one row for each reported conversion',
  idx_conversions_created_at: 'reports by time',
  idx_conversions_type: 'reports by type',
  conversion_queue_pkey: 'the primary key; answers name entries by it',
  idx_queue_status_next_retry: "queries of the application's own for what is to be uploaded",
  idx_queue_conversion_id: 'the entries of a conversion, and its deletion',
  idx_queue_platform: 'the platforms that there are, and reports on one',
  idx_queue_due: 'due entries in their order, for `claim_conversions`',
  idx_queue_dead_letter: 'dead letters, for `requeue_dead_letters` and `conversion_queue_health`',
  tracking_events_pkey: 'the primary key',
  idx_tracking_events_visitor_id: 'the events of a visitor, and its deletion',
  idx_tracking_events_event_name: 'reports by name',
  idx_tracking_events_created_at: 'reports by time, and old events for `purge_tracking_data`',
  upload_requests_pkey:
    'one row for each request, for `complete_conversions` and `settle_upload_request`',
  idx_upload_requests_open:
    'due checks in their order, for `claim_upload_requests`, and `conversion_queue_health`',
  idx_upload_requests_settled_at: 'old requests, for `purge_tracking_data`',
  leads_pkey: 'the primary key; conversions refer to it',
};
