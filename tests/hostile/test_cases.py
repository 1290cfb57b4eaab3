"""The hostile files and data Coterie is held to, what is to come of each, and the tests that show it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

TESTS = Path(__file__).parents[1]
_NUMBERED = re.compile(r"^def (test_(?:case_)?(\d\d)_\w+)\(", re.MULTILINE)


class Case(NamedTuple):
    """What goes in, what is to come of it, the tests of it, and what no test shows yet."""

    given: str
    outcome: str
    tests: tuple[str, ...]
    open: str = ""


CASES = {
    1: Case(
        "an empty file, a header alone, one row",
        "the first two are refused; one row is read, and segments ask for more customers",
        (
            "hostile/test_files.py::test_01_an_empty_file_a_header_alone_and_one_row",
            "hostile/test_commands.py::test_01_an_empty_file_a_header_alone_and_one_row_end_in_a_sentence",
        ),
    ),
    2: Case(
        "a byte order mark",
        "it is no part of the header",
        ("hostile/test_files.py::test_02_a_byte_order_mark_is_not_part_of_the_header",),
    ),
    3: Case(
        "UTF-16, Latin-1, cp1252, Shift-JIS",
        "decoded; the guess is shown and can be overruled",
        (
            "hostile/test_files.py::test_03_other_encodings_are_read_and_the_guess_is_shown",
            "hostile/test_files.py::test_03_shift_jis_is_read_and_a_guess_can_be_overruled",
        ),
    ),
    4: Case(
        "bytes that are no text amid UTF-8",
        "their rows are rejected with their lines",
        ("hostile/test_files.py::test_04_invalid_bytes_reject_their_rows_only",),
    ),
    5: Case(
        "rows with too few or too many cells",
        "rejected with their lines; nothing else is lost",
        ("hostile/test_files.py::test_05_ragged_rows_are_rejected_with_their_line",),
    ),
    6: Case(
        "quotes, line ends and delimiters inside cells",
        "they come back exactly",
        ("hostile/test_files.py::test_06_quotes_line_ends_and_delimiters_in_cells_come_back_exactly",),
    ),
    7: Case(
        "a quote that is never closed in a large file",
        "its line is rejected, in bounded memory and time",
        (
            "hostile/test_files.py::test_07_an_unclosed_quote_in_a_large_file_costs_one_line_and_little_memory",
            "hostile/test_commands.py::test_07_an_unclosed_quote_in_200_mb_costs_one_line_little_memory_and_little_time",
        ),
    ),
    8: Case(
        "headers that are equal, empty or endless",
        "renamed visibly, never overwritten",
        ("hostile/test_files.py::test_08_headers_are_renamed_visibly_never_overwritten",),
    ),
    9: Case(
        "column names made of markup, SQL, formulas or templates",
        "they are only names, in every output",
        (
            "hostile/test_files.py::test_09_hostile_names_are_only_names",
            "hostile/test_commands.py::test_09_hostile_names_of_columns_are_only_names_in_every_output",
            "hostile/test_commands.py::test_09_the_sql_quotes_hostile_names",
        ),
    ),
    10: Case(
        "ten thousand columns",
        "refused in no time",
        ("hostile/test_files.py::test_10_ten_thousand_columns_are_refused_in_no_time",),
    ),
    11: Case(
        "columns that are empty or constant",
        "left out with a note; nothing is divided by zero",
        (
            "hostile/test_cleaning.py::test_case_11_empty_and_constant_columns_are_dropped_with_a_note",
            "hostile/test_cleaning.py::test_case_11_a_constant_feature_of_orders_divides_nothing_by_zero",
        ),
    ),
    12: Case(
        "customers who are all equal",
        "one segment, and a sentence that says why",
        (
            "hostile/test_cleaning.py::test_case_12_identical_customers_leave_nothing_to_cluster_by",
            "hostile/test_cleaning.py::test_case_12_a_frame_of_equal_rows_leaves_nothing_to_cluster_by",
            "river/test_segments.py::test_12_identical_people_are_one_segment_and_get_a_report",
        ),
    ),
    13: Case(
        "numbers of segments that are none, out of range or too many",
        "refused with the range allowed",
        (
            "hostile/test_commands.py::test_13_a_number_of_segments_out_of_range_is_refused_with_the_range",
            "cli/test_input_errors.py::test_13_a_number_of_segments_that_is_none_is_refused",
            "river/test_segments.py::test_13_a_number_of_segments_that_is_no_whole_number_is_refused",
            "cli/test_segment.py::test_more_segments_than_customers_allow_is_refused_with_the_number_needed",
            "web/test_quick.py::test_what_is_wrong_is_said_in_a_sentence_and_all_that_was_typed_is_kept",
        ),
    ),
    14: Case(
        "customers or orders that appear twice",
        "counted once, by a rule that is told",
        (
            "hostile/test_cleaning.py::test_case_14_duplicate_lines_count_once_and_the_rule_is_told",
            "hostile/test_cleaning.py::test_case_14_a_customer_with_two_rows_is_one_customer",
        ),
    ),
    15: Case(
        "infinite, undefined, vast and tiny numbers",
        "rejected or kept by a stated rule; none in any output",
        (
            "hostile/test_values.py::test_case_15_infinite_and_undefined_numbers_never_enter",
            "hostile/test_commands.py::test_15_no_output_holds_a_number_that_is_none",
        ),
    ),
    16: Case(
        "amounts whose sum would overflow",
        "their rows are rejected and listed",
        (
            "hostile/test_values.py::test_case_16_amounts_that_would_overflow_a_sum_are_listed",
            "hostile/test_values.py::test_case_16_a_price_times_a_quantity_that_is_too_large_is_listed",
        ),
    ),
    17: Case(
        "returns and cancellations, of purchases or of nothing",
        "netted by a stated rule; the books agree",
        (
            "hostile/test_values.py::test_case_17_returns_and_cancellations_are_accepted_with_their_sign",
            "hostile/test_cleaning.py::test_case_17_returns_leave_books_that_agree",
        ),
    ),
    18: Case(
        "free lines, and one customer with nearly all revenue",
        "no purchase; a warning",
        (
            "hostile/test_values.py::test_case_18_free_items_and_a_whale_are_accepted_as_they_are",
            "hostile/test_cleaning.py::test_case_18_a_free_line_is_no_purchase",
            "hostile/test_cleaning.py::test_case_18_one_whale_is_warned_of_and_counted_as_an_outlier",
        ),
    ),
    19: Case(
        "dates in several formats, impossible days, the future",
        "one format a column; the rest is rejected; never guessed",
        (
            "hostile/test_values.py::test_case_19_five_date_formats_in_one_column_leave_the_most_common",
            "hostile/test_values.py::test_case_19_impossible_and_far_away_days_are_rejected",
            "hostile/test_values.py::test_case_19_serial_days_and_seconds_are_dates_where_the_column_says_so",
            "hostile/test_values.py::test_case_19_a_day_that_could_be_a_month_is_never_guessed",
            "hostile/test_values.py::test_case_19_one_day_beyond_twelve_settles_the_order_of_the_whole_column",
        ),
    ),
    20: Case(
        "time zones, and the hours that summer time skips or repeats",
        "UTC inside; naive times get the stated zone",
        (
            "hostile/test_values.py::test_case_20_zones_are_turned_into_utc_and_naive_times_get_the_stated_zone",
            "hostile/test_values.py::test_case_20_the_hour_that_summer_time_skips_or_repeats_stays_on_its_day",
            "hostile/test_values.py::test_case_20_an_unknown_time_zone_is_refused",
        ),
    ),
    21: Case(
        "decimal commas, thousands set apart by dots, blanks or apostrophes",
        "read by the column; asked where it is open",
        (
            "hostile/test_values.py::test_case_21_thousands_and_decimal_marks_are_read_by_the_column",
            "hostile/test_values.py::test_case_21_numbers_that_could_be_read_two_ways_are_never_guessed",
            "hostile/test_values.py::test_case_21_the_odd_one_out_is_rejected_not_read_a_thousand_times_too_large",
        ),
    ),
    22: Case(
        "currency signs, and two currencies in one column",
        "remembered; never added",
        (
            "hostile/test_values.py::test_case_22_two_currencies_in_one_column_are_not_added",
            "hostile/test_values.py::test_case_22_a_currency_column_with_two_currencies_is_refused",
            "hostile/test_values.py::test_case_22_the_one_currency_is_remembered",
        ),
    ),
    23: Case(
        "ids with leading zeros, many digits, invisible characters",
        "kept letter by letter; collisions are told",
        (
            "hostile/test_values.py::test_case_23_ids_survive_letter_by_letter",
            "hostile/test_values.py::test_case_23_ids_that_look_equal_are_joined_and_counted",
            "hostile/test_values.py::test_case_23_ids_made_of_nothing_visible_are_no_ids",
        ),
    ),
    24: Case(
        "text of any script",
        "it survives from import to export",
        (
            "hostile/test_files.py::test_24_text_of_any_script_survives",
            "hostile/test_commands.py::test_24_ids_of_any_script_come_out_as_they_went_in",
        ),
        open="on a page, in a workbook",
    ),
    25: Case(
        "a cell of 50 MB, a line of 200 MB",
        "rejected in bounded memory",
        (
            "hostile/test_files.py::test_25_a_cell_of_50_mb_is_rejected_in_bounded_memory",
            "hostile/test_files.py::test_25_a_line_of_200_mb_is_rejected_in_bounded_memory",
            "hostile/test_files.py::test_25_many_long_cells_do_not_pile_up",
            "hostile/test_files.py::test_25_many_long_values_in_json_do_not_pile_up",
        ),
    ),
    26: Case(
        "NUL and control characters",
        "their rows are rejected",
        (
            "hostile/test_files.py::test_26_nul_and_control_characters_reject_their_rows",
            "hostile/test_files.py::test_26_a_control_character_in_any_source_rejects_its_row",
        ),
    ),
    27: Case(
        "file names that lie about what is inside",
        "the content decides",
        ("hostile/test_files.py::test_27_a_name_that_lies_is_not_believed",),
    ),
    28: Case(
        "files that unpack to a thousandfold, archives within archives",
        "refused while they unpack",
        (
            "hostile/test_files.py::test_28_a_bomb_is_refused_while_it_unpacks",
            "hostile/test_files.py::test_28_a_file_is_refused_at_the_size_that_is_allowed",
            "hostile/test_files.py::test_28_a_workbook_that_declares_far_too_much_is_refused_unopened",
            "hostile/test_files.py::test_28_a_workbook_that_lies_about_its_size_is_refused",
            "hostile/test_files.py::test_28_a_workbook_of_too_many_parts_is_refused",
            "hostile/test_files.py::test_28_an_archive_within_an_archive_is_not_followed",
        ),
    ),
    29: Case(
        "workbooks with links, formulas, macros and entities",
        "values only",
        (
            "hostile/test_files.py::test_29_a_workbook_gives_values_only",
            "hostile/test_files.py::test_29_entities_of_a_workbook_are_not_expanded",
        ),
    ),
    30: Case(
        "Parquet and Arrow files that are crafted, damaged or cut short",
        "the child that opens them may die; the file cannot be read",
        (
            "hostile/test_files.py::test_30_a_damaged_parquet_file_cannot_be_read",
            "hostile/test_files.py::test_30_an_extension_type_with_a_pickle_inside_is_data",
            "hostile/test_child.py::test_30_pages_of_noise_cannot_be_read",
            "hostile/test_child.py::test_30_any_single_byte_may_be_wrong",
            "hostile/test_child.py::test_30_a_file_that_breaks_off_cannot_be_read",
            "hostile/test_child.py::test_30_text_that_is_no_utf8_rejects_its_rows",
            "hostile/test_child.py::test_30_a_child_that_is_killed_is_a_file_that_cannot_be_read",
            "hostile/test_child.py::test_30_a_child_that_dies_half_way_is_a_file_that_cannot_be_read",
            "hostile/test_child.py::test_30_a_workbook_beyond_the_limit_of_memory_is_refused_with_the_setting",
            "hostile/test_child.py::test_30_a_parquet_file_beyond_the_limit_of_memory_is_refused_with_the_setting",
            "hostile/test_child.py::test_30_the_command_says_it_in_one_sentence",
            "hostile/test_child.py::test_30_the_child_ends_with_the_command",
            "hostile/test_child.py::test_30_a_table_that_is_forgotten_ends_its_child",
        ),
    ),
    31: Case(
        "JSON that is nested without end, NaN, equal keys, endless digits",
        "refused quickly",
        ("hostile/test_files.py::test_31_hostile_json_is_refused_quickly",),
    ),
    32: Case(
        "a required column that is missing or renamed",
        "named with the flag that settles it and the columns found",
        (
            "hostile/test_values.py::test_case_32_a_missing_column_names_the_flag_and_the_columns_found",
            "hostile/test_values.py::test_case_32_a_mapping_to_an_unknown_column_lists_the_columns_found",
            "hostile/test_values.py::test_case_32_a_mapping_settles_it",
            "web/test_data.py::test_32_corrections_are_remembered_for_the_next_file_of_that_kind",
        ),
    ),
    33: Case(
        "the same file a second time",
        "no revenue counts twice",
        (
            "hostile/test_commands.py::test_33_the_same_file_named_twice_counts_its_revenue_once",
            "web/test_data.py::test_33_the_same_files_are_recognised",
        ),
    ),
    34: Case(
        "customers who vanish or appear between two runs",
        "each is counted once: new, not in the earlier data, or no longer in the data",
        (
            "hostile/test_movement.py::test_34_customers_who_vanish_or_appear_between_two_files_are_counted",
            "hostile/test_movement.py::test_34_a_refit_on_a_file_without_the_old_customers_says_who_is_gone",
        ),
    ),
    35: Case(
        "text that a spreadsheet would run",
        "made harmless in exports; negative numbers stay numbers",
        (
            "hostile/test_commands.py::test_35_ids_that_look_like_formulas_are_neutralised_and_negative_numbers_are_not",
            "delivery/test_export.py::test_35_text_that_looks_like_a_formula_gets_a_quote",
            "delivery/test_export.py::test_35_numbers_and_plain_text_stay_as_they_are",
            "delivery/test_export.py::test_35_headers_are_text_too",
            "delivery/test_export.py::test_35_headers_that_become_equal_are_numbered_and_keep_their_cells",
        ),
        open="in a workbook",
    ),
    36: Case(
        "file names that climb out of their folder, hide characters or never end",
        "stored under numbers of our own; the name is text to show",
        (
            "workspace/test_uploads.py::test_36_a_hostile_file_name_is_only_text_to_show",
            "web/test_data.py::test_36_hostile_names_are_only_shown",
        ),
    ),
    37: Case(
        "uploads that are too large, endless or empty",
        "refused early; nothing is left behind",
        (
            "workspace/test_uploads.py::test_37_an_upload_over_a_limit_is_refused_and_leaves_nothing",
            "workspace/test_uploads.py::test_37_an_empty_file_or_none_is_refused",
            "web/test_data.py::test_37_more_than_the_limit_is_refused_on_the_same_page",
            "hostile/test_serve.py::test_37_a_body_said_to_be_too_large_is_refused_before_it_is_sent",
            "hostile/test_serve.py::test_37_a_body_of_unknown_length_is_cut_off_at_the_limit",
            "hostile/test_serve.py::test_37_a_million_parts_are_refused",
            "hostile/test_serve.py::test_37_bodies_that_drip_keep_nobody_else_waiting",
        ),
    ),
    39: Case(
        "a database of a host, a file or a driver nobody allowed",
        "refused by a list that is empty until the owner fills it",
        (
            "web/test_data.py::test_39_databases_are_off_and_say_how_they_are_switched_on",
            "web/test_data.py::test_39_a_table_of_a_named_host_is_taken_in_as_it_stands_now",
            "web/test_data.py::test_39_only_the_hosts_of_the_setting_are_reached",
        ),
    ),
    42: Case(
        "a form of another site, without an origin or with a false one",
        "refused",
        (
            "contracts/test_routes.py::test_42_no_form_of_another_site_is_taken",
            "hostile/test_web.py::test_42_an_old_browser_is_known_by_its_origin",
        ),
    ),
    43: Case(
        "a session planted before login, kept past logout or past a new password",
        "worth nothing",
        (
            "hostile/test_web.py::test_43_a_session_given_before_login_is_worth_nothing_after_it",
            "hostile/test_web.py::test_43_a_second_login_ends_the_first_session_of_the_browser",
            "hostile/test_web.py::test_43_a_cookie_kept_past_logout_opens_nothing",
            "hostile/test_web.py::test_43_a_new_password_ends_every_other_session",
        ),
    ),
    44: Case(
        "a thousand wrong passwords, names nobody has",
        "locked by name and by address; the same words and the same time for all",
        (
            "hostile/test_web.py::test_44_a_name_is_locked_after_a_few_wrong_passwords_whether_it_exists_or_not",
            "hostile/test_web.py::test_44_an_address_that_tries_a_thousand_passwords_is_locked",
            "hostile/test_web.py::test_44_a_name_nobody_has_takes_as_long_as_a_wrong_password",
        ),
    ),
    45: Case(
        "a viewer at every door",
        "refused by the table of routes",
        (
            "contracts/test_routes.py::test_45_nobody_uses_what_his_role_does_not_allow",
            "contracts/test_routes.py::test_45_what_stands_in_no_table_is_refused",
        ),
    ),
    46: Case(
        "a token in an address, in a log, on a page",
        "not taken from there, and never there",
        ("hostile/test_web.py::test_46_a_token_is_not_taken_from_an_address_and_stands_in_no_log_or_page",),
    ),
    47: Case(
        "line ends in what visitors type",
        "one line of the log",
        ("hostile/test_web.py::test_47_line_ends_in_what_a_visitor_types_make_no_line_of_the_log",),
    ),
    48: Case(
        "a way back that leads to another site",
        "stays here",
        ("hostile/test_web.py::test_48_login_leads_to_no_other_site",),
    ),
    49: Case(
        "a false Host, forged X-Forwarded headers",
        "refused; ignored",
        (
            "hostile/test_web.py::test_49_a_host_nobody_allowed_gets_nothing",
            "hostile/test_web.py::test_49_forwarded_headers_are_ignored",
        ),
    ),
    53: Case(
        "a start with a secret that can be guessed, debugging where others see it",
        "refused, with what to do",
        (
            "hostile/test_web.py::test_53_a_secret_that_can_be_guessed_is_refused_with_a_way_out",
            "hostile/test_web.py::test_53_debugging_is_refused_where_others_can_see_it",
            "hostile/test_serve.py::test_53_the_server_says_why_it_does_not_start",
        ),
    ),
    54: Case(
        "the server killed in each step of a job",
        "the job goes on at its step; the segmentation in use stays; nothing half-written is left",
        (
            "workspace/test_pipeline.py::"
            "test_54_a_job_whose_server_is_killed_in_each_step_goes_on_at_its_step_and_ends_whole",
            "jobs/test_child.py::test_54_a_child_does_not_outlive_the_server_that_is_killed",
        ),
    ),
    55: Case(
        "the server killed in the middle of an upload",
        "no half dataset is listed; what it left is swept away at the next start",
        (
            "workspace/test_uploads.py::"
            "test_55_what_a_killed_server_left_of_an_upload_is_swept_away_and_was_never_listed",
        ),
    ),
    57: Case(
        "a disk that is full, or fills during an upload",
        "told in a sentence; nothing is left; it goes on when there is room",
        (
            "workspace/test_uploads.py::"
            "test_57_a_disk_that_is_nearly_full_takes_no_upload_and_takes_one_when_there_is_room",
            "workspace/test_uploads.py::"
            "test_57_a_disk_that_fills_while_an_upload_is_written_is_told_and_nothing_is_left",
        ),
    ),
    58: Case(
        "a database that a second process holds",
        "waited for, then told; no change is lost",
        (
            "store/test_metadata.py::"
            "test_58_a_database_that_another_process_holds_is_waited_for_and_then_told",
        ),
    ),
    59: Case(
        "two people who put different segmentations into use at once",
        "one wins, the other is told",
        (
            "workspace/test_repositories.py::test_59_of_two_who_put_a_segmentation_into_use_one_wins",
            "web/test_segmentations.py::test_59_of_two_who_choose_at_once_the_second_is_told",
        ),
    ),
    63: Case(
        "a job that is cancelled, or submitted twice",
        "it ends within two seconds and leaves nothing; it runs once",
        (
            "workspace/test_pipeline.py::test_63_a_cancelled_job_ends_within_two_seconds_and_leaves_nothing",
            "workspace/test_pipeline.py::test_63_an_import_submitted_twice_is_one_run_which_the_next_server_ends_in_postgresql_too",
            "jobs/test_child.py::test_63_a_child_nobody_wants_any_more_ends_at_once_with_all_it_started",
        ),
    ),
    64: Case(
        "an old or a newer database, a migration killed half way",
        "brought up to date in one transaction; a newer one is refused",
        (
            "store/test_metadata.py::test_64_a_newer_schema_is_refused_in_a_sentence",
            "store/test_metadata.py::"
            "test_64_a_migration_killed_half_way_leaves_nothing_and_is_done_at_the_next_start",
        ),
    ),
    66: Case(
        "a folder that cannot be written, another time zone",
        "told exactly; moments stay the same",
        (
            "store/test_metadata.py::test_66_a_folder_that_cannot_be_written_is_told",
            "store/test_metadata.py::test_66_a_time_zone_changes_no_moment",
        ),
    ),
    67: Case(
        "told to end under load",
        "takes no more, finishes what it began, is gone within 30 seconds",
        ("hostile/test_serve.py::test_67_a_server_told_to_end_finishes_what_it_began_and_leaves_in_time",),
    ),
}
"""By number; a test is named by its file in this folder's parent and its function."""


@pytest.mark.parametrize("number", CASES)
def test_every_test_that_is_named_exists(number: int) -> None:
    for name in CASES[number].tests:
        file, _, function = name.partition("::")
        source = (TESTS / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {function}\(", source, re.MULTILINE), name


def test_every_numbered_test_is_named_under_its_number() -> None:
    for path in sorted(TESTS.glob("*/test_*.py")):
        for function, number in _NUMBERED.findall(path.read_text(encoding="utf-8")):
            name = f"{path.relative_to(TESTS).as_posix()}::{function}"
            assert name in CASES[int(number)].tests, name


def test_every_case_has_a_test_or_is_said_to_be_open() -> None:
    assert list(CASES) == sorted(CASES)
    assert set(range(1, 36)) <= set(CASES)
    assert all(case.tests or case.open for case in CASES.values())
