using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Files;
using Projections.Migrations.Schemas;
using Projections.Postgres;

namespace Projections.Migrations.Generating;

/// <summary>
/// Writes the migrations that lead from the schema after the last one to a wanted schema. Both are made in throw-away databases and compared;
/// what is written is tried there, up and down, before it counts.
/// </summary>
/// <param name="options">The service.</param>
public sealed class MigrationGenerator(MigrationOptions options)
{
    private static readonly Dictionary<StepPhase, string> Endings = new()
    {
        [StepPhase.Values] = "_values", [StepPhase.Renames] = "_names",
        [StepPhase.NextColumns] = "_next", [StepPhase.NextRows] = "_next_rows", [StepPhase.NextIndexes] = "_next_indexes", [StepPhase.NextConstraints] = "_next_constraints",
        [StepPhase.Swap] = "_swap", [StepPhase.InPlace] = "_types", [StepPhase.Contract] = "_contract",
        [StepPhase.Expand] = "", [StepPhase.Fill] = "_rows", [StepPhase.Indexes] = "_indexes", [StepPhase.Constraints] = "_constraints", [StepPhase.Drops] = "_drops",
    };

    /// <exception cref="MigrationFilesInvalid">The service's files cannot be used, or the name is none.</exception>
    /// <exception cref="MigrationRefused">The wanted schema cannot be made, or something has to be answered first; nothing was written.</exception>
    public async Task<GenerateReport> RunAsync(GenerateRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IReadOnlyList<Migration> migrations = Directory.Exists(options.Folder) ? await MigrationFolder.ReadAsync(options.Folder, cancellationToken) : [];
        var copy = new CopyOptions { Server = request.Server, Source = CopySource.Migrations };
        await using var present = await SchemaCopy.CreateAsync(options, copy, CopyPlan.Of(copy, null, migrations), cancellationToken);
        await using var wanted = await WantedSchema.CreateAsync(request.Server, request.WantedFile, cancellationToken);

        var (plan, questions) = await PlanAsync(present, wanted, request, cancellationToken);
        if (plan.Steps.Count == 0)
        {
            return new GenerateReport([], plan.Notes, await CompareAsync(present, wanted, cancellationToken));
        }

        using var trial = GenerateTrial.Begin(options, migrations, copy);
        var files = await trial.ProveAsync(FilesOf(plan, request.Name), request.Because, questions, cancellationToken);
        foreach (var migration in await trial.ReadNewAsync(cancellationToken))
        {
            await present.RunAsync(migration, Direction.Up, cancellationToken);
        }

        var rest = await CompareAsync(present, wanted, cancellationToken);
        return new GenerateReport(await GenerateTrial.WriteAsync(options.Folder, files, cancellationToken), plan.Notes, rest);
    }

    private static async Task<(SchemaPlan Plan, IReadOnlyList<string> Questions)> PlanAsync(
        SchemaCopy present, ThrowAwayDatabase wanted, GenerateRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await present.DataSource.OpenConnectionAsync(cancellationToken);
        await using var renaming = await connection.BeginTransactionAsync(cancellationToken);
        var steps = new List<SchemaStep>();
        foreach (var rename in request.Renames)
        {
            var step = await RenameStep.OfAsync(connection, rename, cancellationToken);
            await connection.ExecuteLongAsync(step.Up[0], cancellationToken);
            steps.Add(step);
        }

        await using var other = await wanted.DataSource.OpenConnectionAsync(cancellationToken);
        var then = await SchemaObjectReader.ReadAsync(other, cancellationToken);
        var fills = ColumnFills.Of(then, request.Fills);
        var types = await new TypeChangeTrial(connection, then, fills, ColumnFills.Of(then, request.FillsBack)).RunAsync(cancellationToken);
        await renaming.RollbackAsync(cancellationToken);
        var plan = SchemaPlanner.Plan(types.Present, then, fills, types.Kept);

        // One transaction with what comes of them, where no column has to get its type in between.
        var renames = types.Steps.Count > 0 ? steps : steps.ConvertAll(step => step with { Phase = StepPhase.Expand });
        return (plan with { Steps = [.. renames, .. types.Steps, .. plan.Steps] }, RenameQuestions.Of(types.Present, then));
    }

    private List<GeneratedFile> FilesOf(SchemaPlan plan, string name)
    {
        var words = MigrationName.Of(name);
        if (words.Length == 0)
        {
            throw new MigrationFilesInvalid([new FileProblem(options.Folder, null, $"'{name}' gives no name for a file. Say in a few words what the migration does: add_total.")]);
        }

        // Steps of one phase are one file, but for those that are alone, such as backfills.
        var files = plan.Steps.GroupBy(step => step.Phase).OrderBy(group => group.Key)
            .SelectMany(group => group.Key.IsAlone() ? group.Select(step => new[] { step }) : [[.. group]]).ToList();
        var numbers = MigrationTemplate.NextNumbers(options.Folder, files.Count);
        return
        [
            .. files.Select((steps, i) => new GeneratedFile(
                $"{numbers[i]}_{words}{(files.Count == 1 ? "" : Endings[steps[0].Phase])}", steps[0].Phase, steps)),
        ];
    }

    private static async Task<IReadOnlyList<SchemaDifference>> CompareAsync(SchemaCopy present, ThrowAwayDatabase wanted, CancellationToken cancellationToken)
    {
        var now = await ReadAsync(present.DataSource, cancellationToken);
        var then = await ReadAsync(wanted.DataSource, cancellationToken);
        return SchemaDifference.Between(then, now);
    }

    private static async Task<IReadOnlyList<SchemaLine>> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return [.. (await SchemaDump.ReadAsync(connection, cancellationToken)).Select(line => line.WithoutOwner().WithoutPlace())];
    }
}
