using System.Runtime.InteropServices;

namespace ServerlessLoki.Embedded;

/// <summary>Settings of the C library's heap, so that it returns the memory of unloaded models. Only glibc has these calls; elsewhere they
/// do nothing.</summary>
/// <remarks>glibc raises its threshold for separate mappings with each large block that is freed, after which tensors and
/// arenas of unloaded models stay in its pools. A fixed threshold gives each large block its own mapping, which returns to
/// the system with the block.</remarks>
internal static partial class NativeHeap
{
    private const int MmapThresholdOption = -3;
    private const int MmapThresholdBytes = 1 << 20;

    /// <summary>Fixes the threshold for separate mappings; call it before the first model is loaded.</summary>
    public static void Tune() => Try(() => SetOption(MmapThresholdOption, MmapThresholdBytes));

    /// <summary>Returns free pages to the system.</summary>
    public static void Trim() => Try(() => TrimHeap(0));

    private static void Try(Func<int> call)
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = call();
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which has its own ways.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint keepBytes);
}
