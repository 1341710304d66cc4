using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Projections.Analyzers;

/// <summary>
/// Compares the row of each version with the <c>table.sql</c> beside it, so that what the program would refuse at its start is an error where it
/// is written. It knows plain declarations of tables; whatever it does not understand it leaves to the start.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class RowFitsTableAnalyzer : DiagnosticAnalyzer
{
    public const string Id = "PROJ001";

    private const string TableProjection = "Projections.Tables.TableProjection`2";

    private static readonly DiagnosticDescriptor Rule = new(
        Id,
        "The row and table.sql differ",
        "{0}",
        "Projections",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Rows are folded into the table that stands in table.sql: each property is a column, in a type that holds it, and NULL is taken where the property may be null.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext context)
    {
        var tables = TableFiles.Of(context.Options.AdditionalFiles);
        if (!tables.IsEmpty && context.Compilation.GetTypeByMetadataName(TableProjection) is { } projection)
        {
            context.RegisterSymbolAction(symbol => Compare(symbol, projection, tables), SymbolKind.NamedType);
        }
    }

    private static void Compare(SymbolAnalysisContext context, INamedTypeSymbol projection, TableFiles tables)
    {
        var version = (INamedTypeSymbol)context.Symbol;
        if (version is { IsAbstract: false, BaseType: { } declared }
            && SymbolEqualityComparer.Default.Equals(declared.OriginalDefinition, projection)
            && declared.TypeArguments[1] is INamedTypeSymbol row
            && tables.Find(version) is { } file
            && TableText.Read(file.GetText(context.CancellationToken)?.ToString() ?? "") is { } table
            && RowColumns.Of(row) is { } columns)
        {
            foreach (var difference in table.DifferencesFrom(columns))
            {
                context.ReportDiagnostic(Diagnostic.Create(Rule, PlaceOf(row, version), difference));
            }
        }
    }

    private static Location? PlaceOf(ISymbol row, ISymbol version) =>
        row.Locations.Concat(version.Locations).FirstOrDefault(location => location.IsInSource);
}
