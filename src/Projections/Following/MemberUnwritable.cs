namespace Projections.Following;

/// <summary>The rows of a leading version cannot be written; the transaction is lost, and the version leaves the lockstep.</summary>
internal sealed class MemberUnwritable(LockstepMember member, DropOut dropOut, Exception innerException)
    : Exception(dropOut.Reason, innerException)
{
    public LockstepMember Member { get; } = member;

    public DropOut DropOut { get; } = dropOut;
}
