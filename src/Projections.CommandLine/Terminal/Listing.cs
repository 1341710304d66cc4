using Spectre.Console;

namespace Projections.CommandLine.Terminal;

/// <summary>Rows under headings: a table on a terminal, plain columns with two spaces between them elsewhere.</summary>
internal sealed class Listing(params IReadOnlyList<string> headings)
{
    private readonly List<string[]> _rows = [];
    private readonly List<string> _notes = [];

    /// <summary>What stands above the rows.</summary>
    public string? Title { get; init; }

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Adds a line below the rows.</summary>
    public void Note(string line) => _notes.Add(line);

    public void WriteTo(Screen screen)
    {
        if (screen.IsLive)
        {
            AnsiConsole.Write(Render());
        }
        else
        {
            WritePlain(screen.Out);
        }

        foreach (var note in _notes)
        {
            screen.Out.WriteLine(note);
        }

        if (Title is not null)
        {
            screen.Out.WriteLine();
        }
    }

    /// <summary>The rows as a table; the notes below it are left out.</summary>
    public Table Render()
    {
        var table = new Table { Border = TableBorder.Rounded };
        if (Title is not null)
        {
            table.Title = new TableTitle(Markup.Escape(Title));
        }

        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(Markup.Escape(heading)));
        }

        foreach (var row in _rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        return table;
    }

    public IReadOnlyList<string> Notes => _notes;

    private void WritePlain(TextWriter output)
    {
        if (Title is not null)
        {
            output.WriteLine(Title);
        }

        int[] widths = [.. headings.Select((heading, column) => _rows.Select(row => row[column].Length).Append(heading.Length).Max())];
        foreach (var row in _rows.Prepend([.. headings]))
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
