using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>
/// The C API: a table of function pointers that only ever grows at its end. The numbers are positions in that table
/// (onnxruntime_c_api.h, struct OrtApi). A function that returns a status returns null on success.
/// </summary>
internal static unsafe class NativeApi
{
    private const uint ApiVersion = 17;

    private static readonly ApiBase* Base = OrtGetApiBase();
    private static readonly nint* Table = LoadTable();

    internal static readonly delegate* unmanaged<nint, int> GetErrorCode = (delegate* unmanaged<nint, int>)Table[1];
    internal static readonly delegate* unmanaged<nint, nint> GetErrorMessage = (delegate* unmanaged<nint, nint>)Table[2];
    internal static readonly delegate* unmanaged<int, byte*, nint*, nint> CreateEnv = (delegate* unmanaged<int, byte*, nint*, nint>)Table[3];
    internal static readonly delegate* unmanaged<nint, byte*, nint, nint*, nint> CreateSession = (delegate* unmanaged<nint, byte*, nint, nint*, nint>)Table[7];
    internal static readonly delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint> CreateSessionFromArray = (delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)Table[8];
    internal static readonly delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint> Run = (delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)Table[9];

    internal static readonly delegate* unmanaged<nint*, nint> CreateSessionOptions = (delegate* unmanaged<nint*, nint>)Table[10];
    internal static readonly delegate* unmanaged<nint, int, nint> SetSessionExecutionMode = (delegate* unmanaged<nint, int, nint>)Table[13];
    internal static readonly delegate* unmanaged<nint, nint> EnableMemPattern = (delegate* unmanaged<nint, nint>)Table[16];
    internal static readonly delegate* unmanaged<nint, nint> DisableMemPattern = (delegate* unmanaged<nint, nint>)Table[17];
    internal static readonly delegate* unmanaged<nint, nint> EnableCpuMemArena = (delegate* unmanaged<nint, nint>)Table[18];
    internal static readonly delegate* unmanaged<nint, nint> DisableCpuMemArena = (delegate* unmanaged<nint, nint>)Table[19];
    internal static readonly delegate* unmanaged<nint, int, nint> SetSessionLogSeverityLevel = (delegate* unmanaged<nint, int, nint>)Table[22];
    internal static readonly delegate* unmanaged<nint, int, nint> SetSessionGraphOptimizationLevel = (delegate* unmanaged<nint, int, nint>)Table[23];
    internal static readonly delegate* unmanaged<nint, int, nint> SetIntraOpNumThreads = (delegate* unmanaged<nint, int, nint>)Table[24];
    internal static readonly delegate* unmanaged<nint, int, nint> SetInterOpNumThreads = (delegate* unmanaged<nint, int, nint>)Table[25];
    internal static readonly delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry = (delegate* unmanaged<nint, byte*, byte*, nint>)Table[130];
    internal static readonly delegate* unmanaged<nint, nint, nint> AppendCudaV2 = (delegate* unmanaged<nint, nint, nint>)Table[204];
    internal static readonly delegate* unmanaged<nint*, nint> CreateCudaOptions = (delegate* unmanaged<nint*, nint>)Table[205];
    internal static readonly delegate* unmanaged<nint, nint*, nint*, nuint, nint> UpdateCudaOptions = (delegate* unmanaged<nint, nint*, nint*, nuint, nint>)Table[206];
    internal static readonly delegate* unmanaged<nint, void> ReleaseCudaOptions = (delegate* unmanaged<nint, void>)Table[208];
    internal static readonly delegate* unmanaged<nint, byte*, nint*, nint*, nuint, nint> AppendProvider = (delegate* unmanaged<nint, byte*, nint*, nint*, nuint, nint>)Table[216];

    internal static readonly delegate* unmanaged<nint, nuint*, nint> SessionGetInputCount = (delegate* unmanaged<nint, nuint*, nint>)Table[30];
    internal static readonly delegate* unmanaged<nint, nuint*, nint> SessionGetOutputCount = (delegate* unmanaged<nint, nuint*, nint>)Table[31];
    internal static readonly delegate* unmanaged<nint, nuint, nint*, nint> SessionGetInputTypeInfo = (delegate* unmanaged<nint, nuint, nint*, nint>)Table[33];
    internal static readonly delegate* unmanaged<nint, nuint, nint*, nint> SessionGetOutputTypeInfo = (delegate* unmanaged<nint, nuint, nint*, nint>)Table[34];
    internal static readonly delegate* unmanaged<nint, nuint, nint, nint*, nint> SessionGetInputName = (delegate* unmanaged<nint, nuint, nint, nint*, nint>)Table[36];
    internal static readonly delegate* unmanaged<nint, nuint, nint, nint*, nint> SessionGetOutputName = (delegate* unmanaged<nint, nuint, nint, nint*, nint>)Table[37];

    internal static readonly delegate* unmanaged<nint*, nint> CreateRunOptions = (delegate* unmanaged<nint*, nint>)Table[39];
    internal static readonly delegate* unmanaged<nint, int, nint> RunOptionsSetSeverity = (delegate* unmanaged<nint, int, nint>)Table[41];
    internal static readonly delegate* unmanaged<nint, byte*, nint> RunOptionsSetTag = (delegate* unmanaged<nint, byte*, nint>)Table[42];
    internal static readonly delegate* unmanaged<nint, nint> RunOptionsSetTerminate = (delegate* unmanaged<nint, nint>)Table[46];
    internal static readonly delegate* unmanaged<nint, nint> RunOptionsUnsetTerminate = (delegate* unmanaged<nint, nint>)Table[47];

    internal static readonly delegate* unmanaged<nint, long*, nuint, int, nint*, nint> CreateTensor = (delegate* unmanaged<nint, long*, nuint, int, nint*, nint>)Table[48];
    internal static readonly delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint> CreateTensorWithData = (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)Table[49];
    internal static readonly delegate* unmanaged<nint, void**, nint> GetTensorMutableData = (delegate* unmanaged<nint, void**, nint>)Table[51];
    internal static readonly delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo = (delegate* unmanaged<nint, nint*, nint>)Table[55];
    internal static readonly delegate* unmanaged<nint, int*, nint> GetOnnxTypeFromTypeInfo = (delegate* unmanaged<nint, int*, nint>)Table[56];
    internal static readonly delegate* unmanaged<nint, int*, nint> GetTensorElementType = (delegate* unmanaged<nint, int*, nint>)Table[60];
    internal static readonly delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount = (delegate* unmanaged<nint, nuint*, nint>)Table[61];
    internal static readonly delegate* unmanaged<nint, long*, nuint, nint> GetDimensions = (delegate* unmanaged<nint, long*, nuint, nint>)Table[62];
    internal static readonly delegate* unmanaged<nint, nint*, nuint, nint> GetSymbolicDimensions = (delegate* unmanaged<nint, nint*, nuint, nint>)Table[63];
    internal static readonly delegate* unmanaged<nint, nuint*, nint> GetTensorShapeElementCount = (delegate* unmanaged<nint, nuint*, nint>)Table[64];
    internal static readonly delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape = (delegate* unmanaged<nint, nint*, nint>)Table[65];
    internal static readonly delegate* unmanaged<nint, int*, nint> GetValueType = (delegate* unmanaged<nint, int*, nint>)Table[67];
    internal static readonly delegate* unmanaged<int, int, nint*, nint> CreateCpuMemoryInfo = (delegate* unmanaged<int, int, nint*, nint>)Table[69];
    internal static readonly delegate* unmanaged<nint, nint, nint> AllocatorFree = (delegate* unmanaged<nint, nint, nint>)Table[76];
    internal static readonly delegate* unmanaged<nint*, nint> GetDefaultAllocator = (delegate* unmanaged<nint*, nint>)Table[78];

    internal static readonly delegate* unmanaged<nint, void> ReleaseEnv = (delegate* unmanaged<nint, void>)Table[92];
    internal static readonly delegate* unmanaged<nint, void> ReleaseStatus = (delegate* unmanaged<nint, void>)Table[93];
    internal static readonly delegate* unmanaged<nint, void> ReleaseMemoryInfo = (delegate* unmanaged<nint, void>)Table[94];
    internal static readonly delegate* unmanaged<nint, void> ReleaseSession = (delegate* unmanaged<nint, void>)Table[95];
    internal static readonly delegate* unmanaged<nint, void> ReleaseValue = (delegate* unmanaged<nint, void>)Table[96];
    internal static readonly delegate* unmanaged<nint, void> ReleaseRunOptions = (delegate* unmanaged<nint, void>)Table[97];
    internal static readonly delegate* unmanaged<nint, void> ReleaseTypeInfo = (delegate* unmanaged<nint, void>)Table[98];
    internal static readonly delegate* unmanaged<nint, void> ReleaseTensorTypeAndShape = (delegate* unmanaged<nint, void>)Table[99];
    internal static readonly delegate* unmanaged<nint, void> ReleaseSessionOptions = (delegate* unmanaged<nint, void>)Table[100];

    internal static readonly delegate* unmanaged<nint, nint*, nint> SessionGetModelMetadata = (delegate* unmanaged<nint, nint*, nint>)Table[111];
    internal static readonly delegate* unmanaged<nint, nint, nint*, nint> MetadataProducer = (delegate* unmanaged<nint, nint, nint*, nint>)Table[112];
    internal static readonly delegate* unmanaged<nint, nint, nint*, nint> MetadataGraphName = (delegate* unmanaged<nint, nint, nint*, nint>)Table[113];
    internal static readonly delegate* unmanaged<nint, nint, nint*, nint> MetadataDomain = (delegate* unmanaged<nint, nint, nint*, nint>)Table[114];
    internal static readonly delegate* unmanaged<nint, nint, nint*, nint> MetadataDescription = (delegate* unmanaged<nint, nint, nint*, nint>)Table[115];
    internal static readonly delegate* unmanaged<nint, nint, byte*, nint*, nint> MetadataLookup = (delegate* unmanaged<nint, nint, byte*, nint*, nint>)Table[116];
    internal static readonly delegate* unmanaged<nint, long*, nint> MetadataVersion = (delegate* unmanaged<nint, long*, nint>)Table[117];
    internal static readonly delegate* unmanaged<nint, void> ReleaseModelMetadata = (delegate* unmanaged<nint, void>)Table[118];
    internal static readonly delegate* unmanaged<nint, nint, nint**, long*, nint> MetadataKeys = (delegate* unmanaged<nint, nint, nint**, long*, nint>)Table[123];
    internal static readonly delegate* unmanaged<nint**, int*, nint> GetAvailableProviders = (delegate* unmanaged<nint**, int*, nint>)Table[125];
    internal static readonly delegate* unmanaged<nint*, int, nint> ReleaseAvailableProviders = (delegate* unmanaged<nint*, int, nint>)Table[126];

    internal static readonly delegate* unmanaged<nint, nint, nint, nint> RunWithBinding = (delegate* unmanaged<nint, nint, nint, nint>)Table[133];
    internal static readonly delegate* unmanaged<nint, nint*, nint> CreateIoBinding = (delegate* unmanaged<nint, nint*, nint>)Table[134];
    internal static readonly delegate* unmanaged<nint, void> ReleaseIoBinding = (delegate* unmanaged<nint, void>)Table[135];
    internal static readonly delegate* unmanaged<nint, byte*, nint, nint> BindInput = (delegate* unmanaged<nint, byte*, nint, nint>)Table[136];
    internal static readonly delegate* unmanaged<nint, byte*, nint, nint> BindOutput = (delegate* unmanaged<nint, byte*, nint, nint>)Table[137];
    internal static readonly delegate* unmanaged<nint, byte*, nint, nint> BindOutputToDevice = (delegate* unmanaged<nint, byte*, nint, nint>)Table[138];
    internal static readonly delegate* unmanaged<nint, nint, nint**, nuint*, nint> GetBoundOutputValues = (delegate* unmanaged<nint, nint, nint**, nuint*, nint>)Table[140];
    internal static readonly delegate* unmanaged<nint, void> ClearBoundInputs = (delegate* unmanaged<nint, void>)Table[141];
    internal static readonly delegate* unmanaged<nint, void> ClearBoundOutputs = (delegate* unmanaged<nint, void>)Table[142];
    internal static readonly delegate* unmanaged<nint, nint> SynchronizeBoundInputs = (delegate* unmanaged<nint, nint>)Table[202];
    internal static readonly delegate* unmanaged<nint, nint> SynchronizeBoundOutputs = (delegate* unmanaged<nint, nint>)Table[203];

    /// <summary>Version of the native library, such as 1.30.0.</summary>
    internal static string Version => ToText(Base->GetVersionString());

    /// <summary>Throws what a failed call reported, and frees its status.</summary>
    internal static void Check(nint status)
    {
        if (status != 0) Throw(status);
    }

    internal static byte[] Utf8(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    internal static string ToText(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";

    /// <summary>Reads a string that the default allocator owns, and frees it.</summary>
    internal static string TakeText(nint utf8)
    {
        var text = ToText(utf8);
        if (utf8 != 0) Check(AllocatorFree(OrtAllocator.DefaultInstance.Pointer, utf8));
        return text;
    }

    private static void Throw(nint status)
    {
        var code = (ErrorCode)GetErrorCode(status);
        var message = ToText(GetErrorMessage(status));
        ReleaseStatus(status);
        throw new OnnxRuntimeException(code, message);
    }

    private static nint* LoadTable()
    {
        var table = Base->GetApi(ApiVersion);
        return table != null
            ? table
            : throw new OnnxRuntimeException(ErrorCode.Fail,
                $"The native library (version {Version}) is too old: API version {ApiVersion} is needed.");
    }

    [DllImport("onnxruntime", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern ApiBase* OrtGetApiBase();

    [StructLayout(LayoutKind.Sequential)]
    private struct ApiBase
    {
        public delegate* unmanaged<uint, nint*> GetApi;
        public delegate* unmanaged<nint> GetVersionString;
    }
}
