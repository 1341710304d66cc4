namespace Projections.Verification;

/// <summary>How the last comparison of two tables came out.</summary>
/// <param name="Id">By which what was found is looked up (<see cref="Verifications.ReadResultAsync"/>).</param>
/// <param name="Agrees">Whether no row differed in what is not meant to differ.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="Age">How long ago that is, by the database's clock.</param>
internal sealed record LastVerification(long Id, bool Agrees, DateTime At, TimeSpan Age);
