//! A request as the C++ side reads it.

use crate::ffi;
use crate::request::{Request, Site};

/// What the C++ side reads of a request, with the arrays that it points into.
pub struct Raw<'a> {
    pub request: ffi::Request<'a>,
    _overrides: Vec<ffi::Override>,
    _callees: Vec<ffi::CalleeOverride<'a>>,
    _sites: Vec<ffi::SiteOverride<'a>>,
    _internal: Vec<ffi::Text<'a>>,
}

impl<'a> Raw<'a> {
    pub fn new(request: &'a Request<'a>) -> Self {
        let mut overrides: Vec<ffi::Override> = request
            .overrides
            .iter()
            .map(|&(decision, advice)| ffi::Override { decision, advice })
            .collect();
        overrides.sort_by_key(|o| o.decision);
        let callees: Vec<ffi::CalleeOverride<'a>> = request
            .callee_overrides
            .iter()
            .map(|(callee, advice)| ffi::CalleeOverride {
                callee: ffi::Text::from(callee.as_str()),
                advice: *advice,
            })
            .collect();
        let sites = raw_sites(request.site_overrides);
        let job = request.job;
        let internal: Vec<ffi::Text<'a>> = job
            .internal
            .iter()
            .map(|name| ffi::Text::from(name.as_str()))
            .collect();
        Self {
            request: ffi::Request {
                bitcode: ffi::Text::new(request.bitcode),
                name: ffi::Text::from(job.name.as_str()),
                level: ffi::Text::from(job.level.as_str()),
                phase: ffi::Text::from(job.phase.as_str()),
                policy: ffi::Text::from(job.policy.as_str()),
                model: ffi::Text::from(job.model.as_str()),
                onnxruntime: ffi::Text::from(job.onnxruntime.as_str()),
                overrides: overrides.as_ptr(),
                override_count: overrides.len(),
                callee_overrides: callees.as_ptr(),
                callee_override_count: callees.len(),
                site_overrides: sites.as_ptr(),
                site_override_count: sites.len(),
                internal: internal.as_ptr(),
                internal_count: internal.len(),
                record_decisions: request.record_decisions,
                relevel: job.relevel,
                by_symbol: request.by_symbol,
                keep_state: request.keep_state,
            },
            _overrides: overrides,
            _callees: callees,
            _sites: sites,
            _internal: internal,
        }
    }
}

pub fn raw_sites(sites: &[(Site, bool)]) -> Vec<ffi::SiteOverride<'_>> {
    sites
        .iter()
        .map(|(site, advice)| ffi::SiteOverride {
            caller: ffi::Text::from(site.caller.as_str()),
            callee: ffi::Text::from(site.callee.as_str()),
            occurrence: site.occurrence,
            advice: *advice,
        })
        .collect()
}
