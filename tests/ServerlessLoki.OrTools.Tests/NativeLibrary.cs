using Google.OrTools.LinearSolver;

namespace ServerlessLoki.OrTools.Tests;

/// <summary>The native solver behind Google.OrTools: in the package, or Debian's CBC behind the stand-in.</summary>
internal static class NativeLibrary
{
    private static readonly Lazy<string?> Fault = new(Load);

    /// <summary>Why it cannot be loaded; null if it can.</summary>
    public static string? Missing => Fault.Value;

    /// <summary>Skips the running test where it is not installed.</summary>
    public static void Require() => Assert.SkipUnless(Missing is null, Missing ?? "");

    private static string? Load()
    {
        try
        {
            Solver.CreateSolver("CBC")?.Dispose();
            return null;
        }
        catch (DllNotFoundException missing)
        {
            return missing.Message;
        }
    }
}
