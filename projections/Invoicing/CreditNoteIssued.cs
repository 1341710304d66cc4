namespace Projections.ReadModels.Invoicing;

/// <summary>Some lines of a closed invoice were given back in part or whole.</summary>
public sealed record CreditNoteIssued(string Customer, CreditedLine[] Lines);

/// <summary>What is given back of a line, as a positive amount.</summary>
public sealed record CreditedLine(int Line, decimal Net);
