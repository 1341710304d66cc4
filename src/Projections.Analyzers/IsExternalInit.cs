namespace System.Runtime.CompilerServices;

/// <summary>What the compiler wants for records, and .NET Standard 2.0 has not.</summary>
internal static class IsExternalInit;
