using System.Runtime.InteropServices;

namespace ServerlessLoki.Embedded;

/// <summary>Lets the threads that take requests in step back behind those that serve what was admitted, where both want the same core.</summary>
/// <remarks>Refusals are cheap, but callers that come back at once can ask for any number of them: were they equal, what was admitted would be
/// late, and more would be refused. On Linux a thread may lower its own priority and not raise it again, so it stays, which is for processes that
/// only serve: see <see cref="EmbeddedHostOptions.DoorStepsBack"/>. Elsewhere nothing happens.</remarks>
internal static partial class DoorPriority
{
    private const int OfAThread = 0;
    private const uint Itself = 0;
    private const int Nice = 5;

    [ThreadStatic]
    private static bool s_isLow;

    /// <summary>Lowers the calling thread once, if it is the pool's.</summary>
    public static void StepBack()
    {
        if (s_isLow || !OperatingSystem.IsLinux() || !Thread.CurrentThread.IsThreadPoolThread)
            return;
        s_isLow = true;
        try
        {
            _ = SetPriority(OfAThread, Itself, Nice);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library: all threads stay equal.
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
