//! What each route takes and answers, said where the route is answered. A new
//! route has to be described here before anything compiles.

use super::operation::Operation;
use super::types::Types;
use crate::route::Route;
use crate::{
    assessment, audit, cases, channels, communications, costs, customers, duplicates, exports,
    merges, named, privacy, runs, settings, spend,
};

pub(super) fn operation(route: Route, types: &mut Types) -> Operation {
    match route {
        Route::ContractFetch => document(),
        Route::CustomerList => customers::contract::list(types),
        Route::CustomerSearch => customers::contract::search(types),
        Route::CustomersExport => exports::contract::customers(),
        Route::SearchExport => exports::contract::search(types),
        Route::NamedList => named::contract::list(types),
        Route::NamedCreate => named::contract::create(types),
        Route::NamedPreview => named::contract::preview(types),
        Route::NamedFetch => named::contract::fetch(types),
        Route::NamedReplace => named::contract::replace(types),
        Route::NamedDelete => named::contract::delete(types),
        Route::NamedMembers => named::contract::members(types),
        Route::MemberPlace => named::contract::place(types),
        Route::MemberFree => named::contract::free(types),
        Route::CustomerFetch => customers::contract::fetch(types),
        Route::CustomerChange => customers::contract::change(types),
        Route::ConsentReplace => customers::contract::decide(types),
        Route::CommunicationAdd => communications::contract::add(types),
        Route::CommunicationList => communications::contract::list(types),
        Route::CommunicationFetch => communications::contract::fetch(types),
        Route::CommunicationCorrect => communications::contract::correct(types),
        Route::CustomerHistory => assessment::contract::history(types),
        Route::CustomerAssessment => assessment::contract::fetch(types),
        Route::MergePreview => merges::contract::preview(types),
        Route::CustomerMerge => merges::contract::merge(types),
        Route::CustomerUnmerge => merges::contract::unmerge(types),
        Route::DuplicateList => duplicates::contract::list(types),
        Route::DuplicateSearch => runs::contract::search(types),
        Route::DuplicateAccept => duplicates::contract::accept(types),
        Route::DuplicateReject => duplicates::contract::reject(types),
        Route::CaseOpen => cases::contract::open(types),
        Route::CaseMove => cases::contract::move_on(types),
        Route::CaseFetch => cases::contract::fetch(types),
        Route::SettingsFetch => settings::contract::fetch(types),
        Route::SettingsReplace => settings::contract::replace(types),
        Route::SettingsCompare => runs::contract::compare(types),
        Route::SegmentsRefresh => runs::contract::refresh(types),
        Route::RunFetch => runs::contract::fetch(types),
        Route::AssessmentsExport => exports::contract::assessments(),
        Route::CostsReplace => costs::contract::replace(types),
        Route::CostFetch => costs::contract::fetch(types),
        Route::SpendReplace => spend::contract::replace(types),
        Route::SpendList => spend::contract::list(types),
        Route::ChannelList => channels::contract::list(types),
        Route::PopulationFetch => channels::contract::population(types),
        Route::PrivacyList => privacy::contract::list(types),
        Route::PrivacyDocument => privacy::contract::document(types),
        Route::PrivacyCarryOut => privacy::contract::carry_out(types),
        Route::PrivacyDecline => privacy::contract::decline(types),
        Route::AuditList => audit::contract::list(types),
    }
}

fn document() -> Operation {
    let schema = serde_json::json!({"type": "object", "required": ["openapi", "paths"]});
    Operation::new("This document")
        .cached()
        .answers(200, "The document.", schema, &[super::ETAG])
}
