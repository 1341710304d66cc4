using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing.Folding;
using Projections.Testing.Orders;
using Projections.Testing.Postgres;
using Projections.Testing.Reports;
using Projections.Testing.Specs;
using Projections.Testing.Witness;

namespace Projections.Testing;

/// <summary>
/// Events that are given, and what a version makes of them. Each <c>Then</c> is checked where it stands, and throws
/// <see cref="ProjectionSpecFailed"/> when it does not hold; more events may be given after it. See <see cref="ProjectionSpec"/>.
/// </summary>
/// <typeparam name="TKey">What identifies a row.</typeparam>
/// <typeparam name="TRow">The row type.</typeparam>
public sealed class ProjectionSpec<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private readonly SpecSubject<TKey, TRow> _subject;
    private readonly GivenEvents _given;
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private Func<Task<string>>? _server;
    private int _seed = 1;
    private int _expectedFailures;
    private IReadOnlyList<string> _columns = [];
    private Outcome? _outcome;

    internal ProjectionSpec(SpecSubject<TKey, TRow> subject)
    {
        _subject = subject;
        _given = new GivenEvents(subject.Version);
    }

    private SpecReport Report => new(_subject.Version, _given.All, _columns);

    /// <summary>
    /// Runs the spec in PostgreSQL, too: <c>table.sql</c> and <c>indexes.sql</c> are run in a schema of their own, which is dropped again; the rows are
    /// written, loaded and read as they are in production. On the server that <see cref="PostgresForTests"/> names.
    /// </summary>
    public ProjectionSpec<TKey, TRow> InPostgres() => In(PostgresForTests.GetConnectionStringAsync);

    /// <inheritdoc cref="InPostgres()"/>
    /// <param name="connectionString">A database in which schemas can be made.</param>
    public ProjectionSpec<TKey, TRow> InPostgres(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        return In(() => Task.FromResult(connectionString));
    }

    /// <summary>Leads to other ways of folding among those that are left to chance. The default is 1; a report names it.</summary>
    public ProjectionSpec<TKey, TRow> WithSeed(int seed)
    {
        _seed = seed;
        return Changed();
    }

    /// <summary>The events that follow were stored at this time. The default is the beginning of 2030, and each a second after the one before it.</summary>
    /// <param name="time">A time in UTC.</param>
    public ProjectionSpec<TKey, TRow> At(DateTime time)
    {
        if (time.Kind == DateTimeKind.Local)
        {
            throw new ArgumentException("Stores keep times in UTC, and this one is local.", nameof(time));
        }

        _given.Time = DateTime.SpecifyKind(time, DateTimeKind.Utc);
        return this;
    }

    /// <summary>The events that follow are of this tenant, or of none (the default).</summary>
    public ProjectionSpec<TKey, TRow> ForTenant(string? tenant)
    {
        _given.Tenant = tenant;
        return this;
    }

    /// <summary>The events that follow have this in their metadata, or have it no more when it is <c>null</c>.</summary>
    public ProjectionSpec<TKey, TRow> WithMetadata(string name, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _given.SetMetadata(name, value);
        return this;
    }

    /// <summary>Events of a stream happen, in this order, after all that were given before.</summary>
    /// <param name="stream">The stream. Its events are counted from 1.</param>
    /// <param name="events">The events, of classes that the event types of the version know, old ones included.</param>
    /// <exception cref="ProjectionSpecFailed">No name in the store is mapped to an event's class.</exception>
    public ProjectionSpec<TKey, TRow> Given(StreamId stream, params IReadOnlyList<object> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        foreach (var e in events)
        {
            _given.Add(stream, e);
        }

        return Changed();
    }

    /// <inheritdoc cref="Given(StreamId, IReadOnlyList{object})"/>
    public ProjectionSpec<TKey, TRow> Given(Guid stream, params IReadOnlyList<object> events) => Given(new StreamId(stream), events);

    /// <inheritdoc cref="Given(StreamId, IReadOnlyList{object})"/>
    public ProjectionSpec<TKey, TRow> Given(string stream, params IReadOnlyList<object> events) => Given(new StreamId(stream), events);

    /// <summary>
    /// The store no longer has the first events of a stream, as after a scavenge: what is given of it is what is left. A version says by
    /// <see cref="ProjectionVersion.WithoutBeginning"/> what becomes of it.
    /// </summary>
    /// <param name="stream">The stream, of which nothing was given before.</param>
    public ProjectionSpec<TKey, TRow> WithoutBeginningOf(StreamId stream)
    {
        _given.LoseBeginning(stream);
        return Changed();
    }

    /// <inheritdoc cref="WithoutBeginningOf(StreamId)"/>
    public ProjectionSpec<TKey, TRow> WithoutBeginningOf(Guid stream) => WithoutBeginningOf(new StreamId(stream));

    /// <inheritdoc cref="WithoutBeginningOf(StreamId)"/>
    public ProjectionSpec<TKey, TRow> WithoutBeginningOf(string stream) => WithoutBeginningOf(new StreamId(stream));

    /// <summary>An event happened that is stored like this: one of an old version, of an unknown type, or with something amiss.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="type">The event type's name in the store.</param>
    /// <param name="json">The event's body.</param>
    /// <exception cref="ProjectionSpecFailed">It is no JSON.</exception>
    public ProjectionSpec<TKey, TRow> GivenStored(StreamId stream, string type, string json)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        _given.AddStored(stream, type, json);
        return Changed();
    }

    /// <inheritdoc cref="GivenStored(StreamId, string, string)"/>
    public ProjectionSpec<TKey, TRow> GivenStored(Guid stream, string type, string json) => GivenStored(new StreamId(stream), type, json);

    /// <inheritdoc cref="GivenStored(StreamId, string, string)"/>
    public ProjectionSpec<TKey, TRow> GivenStored(string stream, string type, string json) => GivenStored(new StreamId(stream), type, json);

    /// <summary>There is a row of this key, of which the check holds.</summary>
    /// <param name="key">The row's key.</param>
    /// <param name="check">Throws when something is wrong, as the assertions of every framework do.</param>
    /// <exception cref="ProjectionSpecFailed">There is none, or the check throws.</exception>
    public ProjectionSpec<TKey, TRow> Then(TKey key, Action<TRow> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        var found = Find(key, out var text) ?? throw Report.Missing(text, Rows());
        try
        {
            check((TRow)found.Row!);
        }
        catch (Exception unmet)
        {
            throw Report.Unmet(found, unmet);
        }

        return this;
    }

    /// <summary>There is a row of this key, with these values in all of its columns.</summary>
    /// <exception cref="ProjectionSpecFailed">There is none, or a column has another value.</exception>
    public ProjectionSpec<TKey, TRow> Then(TKey key, TRow expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var found = Find(key, out var text) ?? throw Report.Missing(text, Rows());
        var shown = _subject.Show(expected);
        return shown.Columns.AsSpan().SequenceEqual(found.Columns) ? this : throw Report.Different(shown, found);
    }

    /// <summary>There is no row of this key: none was made, or it was deleted.</summary>
    /// <exception cref="ProjectionSpecFailed">There is one.</exception>
    public ProjectionSpec<TKey, TRow> ThenNone(TKey key) => Find(key, out _) is { } found ? throw Report.Unexpected([found]) : this;

    /// <summary>There are exactly these rows, in whatever order.</summary>
    /// <exception cref="ProjectionSpecFailed">One is missing, is different, or is not expected.</exception>
    public ProjectionSpec<TKey, TRow> ThenRows(params IReadOnlyList<TRow> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        foreach (var row in expected)
        {
            var shown = _subject.Show(row);
            var found = Find(shown.Key) ?? throw Report.Missing(shown.Key, Rows());
            if (!shown.Columns.AsSpan().SequenceEqual(found.Columns))
            {
                throw Report.Different(shown, found);
            }
        }

        return ThenNothingElse();
    }

    /// <summary>The check holds for all rows together, which come in the order of their keys.</summary>
    /// <exception cref="ProjectionSpecFailed">The check throws.</exception>
    public ProjectionSpec<TKey, TRow> ThenRows(Action<IReadOnlyList<TRow>> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        var rows = Rows();
        _named.UnionWith(rows.Select(row => row.Key));
        try
        {
            check([.. rows.Select(row => (TRow)row.Row!)]);
        }
        catch (Exception unmet)
        {
            throw Report.Unmet(rows, unmet);
        }

        return this;
    }

    /// <summary>There are no rows but those that were spoken of before. Without any, there are no rows at all.</summary>
    /// <exception cref="ProjectionSpecFailed">There are others.</exception>
    public ProjectionSpec<TKey, TRow> ThenNothingElse()
    {
        var others = Rows().Where(row => !_named.Contains(row.Key)).ToList();
        return others.Count == 0 ? this : throw Report.Unexpected(others);
    }

    /// <summary>
    /// An event cannot be decoded or folded: the version stops at it, or sets it aside. Said once for each such event, in their order, and before
    /// anything is said of rows; without it every such event fails the spec.
    /// </summary>
    /// <param name="because">A part of the error.</param>
    /// <exception cref="ProjectionSpecFailed">All events could be folded, or this one could not for another reason.</exception>
    public ProjectionSpec<TKey, TRow> ThenFails(string because)
    {
        ArgumentNullException.ThrowIfNull(because);
        var failure = NextFailure();
        return failure.Error.Contains(because, StringComparison.Ordinal) ? this : throw Report.FailedOtherwise(failure, because);
    }

    /// <inheritdoc cref="ThenFails(string)"/>
    /// <param name="check">Throws when it is not the failure that is expected. It is given what goes to the dead letters.</param>
    public ProjectionSpec<TKey, TRow> ThenFails(Action<SetAsideEvent> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        var failure = NextFailure();
        try
        {
            check(failure);
        }
        catch (Exception unmet)
        {
            throw Report.FailedOtherwise(failure, unmet);
        }

        return this;
    }

    private ProjectionSpec<TKey, TRow> In(Func<Task<string>> server)
    {
        _server = server;
        return Changed();
    }

    private ProjectionSpec<TKey, TRow> Changed()
    {
        _outcome = null;
        return this;
    }

    private FoundRow? Find(TKey key, out string text) => Find(text = _subject.KeyText(key));

    private FoundRow? Find(string key)
    {
        var outcome = Expected();
        _named.Add(key);
        return outcome.Rows.GetValueOrDefault(key);
    }

    private List<FoundRow> Rows() => [.. Expected().Rows.Values];

    /// <summary>The outcome, of which all failures are expected.</summary>
    private Outcome Expected() => Outcome().Failures.Count <= _expectedFailures ? Outcome() : throw Report.Failed(Outcome().Failures[_expectedFailures]);

    private SetAsideEvent NextFailure()
    {
        var failures = Outcome().Failures;
        return _expectedFailures < failures.Count ? failures[_expectedFailures++] : throw Report.NotFailed(failures);
    }

    private Outcome Outcome() => _outcome ??= Run();

    private Outcome Run()
    {
        if (_subject.Version.FindProblems() is { Count: > 0 } problems)
        {
            throw Report.Unsound(problems);
        }

        try
        {
            Outcome? outcome = null;
            if (_subject.Memory is { } memory)
            {
                _columns = memory.Columns;
                outcome = RunAsync(memory, WitnessProcess.Of(_subject.Version), Courses.Of(_given.All.Count, _seed)).AsTask().GetAwaiter().GetResult();
            }

            // Not on the thread of the test, whose framework may want it back for each step.
            return _server is not null ? Task.Run(RunInPostgresAsync).GetAwaiter().GetResult() : outcome ?? throw Report.NeedsPostgres();
        }
        catch (Exception failed) when (failed is not ProjectionSpecFailed)
        {
            throw Report.Broken(failed);
        }
    }

    private async Task<Outcome> RunInPostgresAsync()
    {
        await using var ground = await PostgresGround<TKey, TRow>.CreateAsync(_subject, await _server!(), CancellationToken.None);
        _columns = ground.Columns;
        return await RunAsync(ground, null, Courses.InDatabase(_given.All.Count));
    }

    private async ValueTask<Outcome> RunAsync(IFoldGround ground, IElsewhere? elsewhere, IEnumerable<Course> courses)
    {
        var plain = await CourseRun.RunAsync(ground, _given.All, Course.Straight, []);
        var check = new OrderCheck(ground, elsewhere, _given.All);
        return await check.FindAsync(plain, elsewhere is null ? courses : courses.Append(new Course([], Place.OtherProcess))) is { } fault
            ? throw Report.DependsOnOrder(fault, _seed)
            : plain;
    }
}
