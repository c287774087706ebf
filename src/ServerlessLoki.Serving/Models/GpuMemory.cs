using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Models;

/// <summary>Memory size of a GPU, as its driver reports it.</summary>
public static partial class GpuMemory
{
    private const string Driver = "libcuda.so.1";

    /// <summary>Reads the memory size, bytes; null where there is no such GPU or no driver.</summary>
    /// <param name="deviceId">Index of the GPU.</param>
    public static long? TotalBytes(int deviceId = 0)
    {
        try
        {
            return Init(0) == 0 && Get(out var device, deviceId) == 0 && TotalMemory(out var bytes, device) == 0 ? (long)bytes : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport(Driver, EntryPoint = "cuInit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Init(uint flags);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGet")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Get(out int device, int ordinal);

    [LibraryImport(Driver, EntryPoint = "cuDeviceTotalMem_v2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TotalMemory(out nuint bytes, int device);
}
