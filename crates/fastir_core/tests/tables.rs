//! Tables of IR written by hand, whose values are counted by hand, and what the library says of
//! itself.

use std::process::Command;

use fastir_core::{Column, Compilation, FailureKind, Job, Request, Table, Task, Values};

/// `f`: a load and a return. `g`: a store, a call and a return.
const MODULE: &[u8] = br#"
$f = comdat any
define i32 @f(ptr %p) nounwind comdat {
  %x = load i32, ptr %p
  ret i32 %x
}
declare void @outside()
define void @g(ptr %p) {
  store i32 0, ptr %p
  call void @outside()
  ret void
}
"#;

fn task(table: &str) -> Task<'_> {
    Task {
        table,
        source: MODULE,
        name: "m",
        policy: "llvm",
        ..Task::default()
    }
}

fn column<'a>(table: &'a Table, name: &str) -> Column<'a> {
    let infos = &table.schema().columns;
    let position = infos.iter().position(|info| info.name == name);
    let column = table.columns().nth(position.expect(name));
    column.expect("as many columns as the schema has")
}

fn texts<'a>(column: &Column<'a>) -> Vec<&'a str> {
    let Values::Bytes(bytes, offsets) = column.values else {
        panic!("no texts");
    };
    let text = |pair: &[i64]| &bytes[pair[0] as usize..pair[1] as usize];
    let text = |pair| std::str::from_utf8(text(pair)).expect("UTF-8");
    offsets.windows(2).map(text).collect()
}

fn integers<'a>(table: &'a Table, name: &str) -> &'a [i64] {
    match column(table, name).values {
        Values::Int64(values) => values,
        _ => panic!("{name} has no integers"),
    }
}

#[test]
fn a_table_has_a_row_a_function_and_values_of_each_type() {
    let table = Table::make(&task("function_features")).expect("a table");
    assert_eq!(table.row_count(), 2);
    assert_eq!(table.columns().count(), table.schema().columns.len());
    assert_eq!(texts(&column(&table, "function")), ["f", "g"]);
    assert_eq!(texts(&column(&table, "module")), ["m", "m"]);
    assert_eq!(integers(&table, "instruction_count"), [2, 3]);
    assert_eq!(integers(&table, "call_count"), [0, 1]);
    assert_eq!(integers(&table, "defined_call_count"), [0, 0]);
    let Values::Boolean(nounwind) = column(&table, "is_nounwind").values else {
        panic!("no booleans");
    };
    assert_eq!(nounwind, [1, 0]);
    let Values::Float64(ratios) = column(&table, "memory_access_ratio").values else {
        panic!("no numbers");
    };
    assert_eq!(ratios, [1.0 / 2.0, 1.0 / 3.0]);
    // Two opcodes, once each: 1 bit. Three: log2(3).
    let Values::Float64(entropy) = column(&table, "opcode_entropy").values else {
        panic!("no numbers");
    };
    assert_eq!(entropy[0], 1.0);
    assert!((entropy[1] - 3f64.log2()).abs() < 1e-12);
}

#[test]
fn only_nullable_columns_say_which_rows_are_valid() {
    let table = Table::make(&task("function_features")).expect("a table");
    let comdat = column(&table, "comdat");
    assert_eq!(comdat.valid, Some(&[1, 0][..]));
    assert_eq!(texts(&comdat)[0], "f");
    assert_eq!(column(&table, "section").valid, Some(&[0, 0][..]));
    assert_eq!(column(&table, "function").valid, None);
}

#[test]
fn a_module_without_functions_makes_no_rows() {
    let task = Task {
        source: b"@x = global i32 0",
        ..task("function_features")
    };
    let table = Table::make(&task).expect("a table");
    assert_eq!(table.row_count(), 0);
    assert!(texts(&column(&table, "function")).is_empty());
    assert!(integers(&table, "instruction_count").is_empty());
}

#[test]
fn a_failure_has_its_kind() {
    let fails = |task: &Task<'_>| Table::make(task).expect_err("a failure");
    let failure = fails(&task("nonesuch"));
    assert_eq!(failure.kind, FailureKind::Usage);
    assert_eq!(failure.message, "no table 'nonesuch'");
    let kind = |task: &Task<'_>| fails(task).kind;
    let garbage = Task {
        source: b"define nonsense",
        ..task("instcount")
    };
    assert_eq!(kind(&garbage), FailureKind::Bitcode);
    // A definition that does not dominate its use can be read, and is refused.
    let invalid = Task {
        source: b"define i32 @f() { %x = add i32 %x, 1 ret i32 %x }",
        ..task("instcount")
    };
    assert_eq!(kind(&invalid), FailureKind::Invalid);
    let passes = Task {
        passes: "no-such-pass",
        ..task("run_passes")
    };
    assert_eq!(kind(&passes), FailureKind::Work);
}

#[test]
fn symbols_have_the_sizes_of_their_types_and_instructions() {
    // x86's `ret` has 1 byte. A constant that holds an address is written by the loader, which
    // needs an Elf64_Rela of 24 bytes for it.
    let module = br#"
        target triple = "x86_64-pc-linux-gnu"
        @table = constant [40 x i8] c"0123456789012345678901234567890123456789"
        @counter = global i64 7
        @address = constant ptr @counter
        define void @f() nounwind { ret void }
    "#;
    let job = Job {
        name: "m".to_owned(),
        level: "Oz".to_owned(),
        phase: "compile".to_owned(),
        policy: "llvm".to_owned(),
        ..Job::default()
    };
    let request = Request {
        by_symbol: true,
        ..Request::new(module, &job)
    };
    let compilation = Compilation::run(&request).expect("it compiles");
    let kinds = fastir_core::section_kinds();
    let named = |sizes: Vec<fastir_core::Size>| {
        let mut sizes: Vec<(String, String, u64)> = sizes
            .into_iter()
            .map(|size| (size.symbol, kinds[size.kind as usize].clone(), size.bytes))
            .collect();
        sizes.sort();
        sizes
    };
    let expected = |sizes: &[(&str, &str, u64)]| -> Vec<(String, String, u64)> {
        let owned = |&(name, kind, bytes): &(&str, &str, u64)| (name.into(), kind.into(), bytes);
        sizes.iter().map(owned).collect()
    };
    let symbols = [
        ("address", "data", 8),
        ("counter", "data", 8),
        ("f", "text", 1),
        ("table", "rodata", 40),
    ];
    assert_eq!(named(compilation.symbols()), expected(&symbols));
    let mut pieces = symbols.to_vec();
    pieces.insert(1, ("address", "relocations", 24));
    assert_eq!(named(compilation.pieces()), expected(&pieces));
}

#[test]
fn features_are_the_lines_of_the_list() {
    let list = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../plugin/inline/features/InlineFeatures.def"
    );
    let text = std::fs::read_to_string(list).expect("the list");
    let fields = |line: &str| {
        let (_, fields) = line.strip_suffix(')')?.split_once("_FEATURE(")?;
        let mut fields = fields
            .splitn(3, ", ")
            .map(|field| field.trim_matches('"').to_owned());
        Some((fields.next()?, fields.next()?, fields.next()?))
    };
    let lines = text.lines().filter(|line| line.starts_with("FASTIR_"));
    let expected: Vec<_> = lines.filter_map(fields).collect();
    let features = fastir_core::features();
    let described = features.into_iter().map(|f| (f.name, f.unit, f.doc));
    assert_eq!(described.collect::<Vec<_>>(), expected);
}

#[test]
fn the_version_is_that_of_the_installed_llvm() {
    let config = std::env::var("LLVM_CONFIG").unwrap_or_else(|_| "llvm-config-22".to_owned());
    let output = Command::new(config).arg("--version").output();
    let version = output.expect("llvm-config").stdout;
    let version = String::from_utf8_lossy(&version);
    assert_eq!(fastir_core::llvm_version(), version.trim());
}
