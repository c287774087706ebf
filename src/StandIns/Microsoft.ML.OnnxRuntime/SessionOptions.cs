using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>How a session runs. Read once, when the session is made.</summary>
public unsafe class SessionOptions : SafeHandle
{
    private bool _enableMemoryPattern = true;
    private bool _enableCpuMemArena = true;
    private int _intraOpNumThreads;
    private int _interOpNumThreads;
    private OrtLoggingLevel _logSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;
    private GraphOptimizationLevel _graphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL;
    private ExecutionMode _executionMode = ExecutionMode.ORT_SEQUENTIAL;

    public SessionOptions() : base(0, ownsHandle: true)
    {
        OrtEnv.Instance();
        nint options;
        NativeApi.Check(NativeApi.CreateSessionOptions(&options));
        SetHandle(options);
    }

    public override bool IsInvalid => handle == 0;

    public bool EnableMemoryPattern
    {
        get => _enableMemoryPattern;
        set
        {
            NativeApi.Check(value ? NativeApi.EnableMemPattern(handle) : NativeApi.DisableMemPattern(handle));
            _enableMemoryPattern = value;
        }
    }

    public bool EnableCpuMemArena
    {
        get => _enableCpuMemArena;
        set
        {
            NativeApi.Check(value ? NativeApi.EnableCpuMemArena(handle) : NativeApi.DisableCpuMemArena(handle));
            _enableCpuMemArena = value;
        }
    }

    public int IntraOpNumThreads
    {
        get => _intraOpNumThreads;
        set
        {
            NativeApi.Check(NativeApi.SetIntraOpNumThreads(handle, value));
            _intraOpNumThreads = value;
        }
    }

    public int InterOpNumThreads
    {
        get => _interOpNumThreads;
        set
        {
            NativeApi.Check(NativeApi.SetInterOpNumThreads(handle, value));
            _interOpNumThreads = value;
        }
    }

    public OrtLoggingLevel LogSeverityLevel
    {
        get => _logSeverityLevel;
        set
        {
            NativeApi.Check(NativeApi.SetSessionLogSeverityLevel(handle, (int)value));
            _logSeverityLevel = value;
        }
    }

    public GraphOptimizationLevel GraphOptimizationLevel
    {
        get => _graphOptimizationLevel;
        set
        {
            NativeApi.Check(NativeApi.SetSessionGraphOptimizationLevel(handle, (int)value));
            _graphOptimizationLevel = value;
        }
    }

    public ExecutionMode ExecutionMode
    {
        get => _executionMode;
        set
        {
            NativeApi.Check(NativeApi.SetSessionExecutionMode(handle, (int)value));
            _executionMode = value;
        }
    }

    internal nint Handle => handle;

    public void AddSessionConfigEntry(string configKey, string configValue)
    {
        fixed (byte* key = NativeApi.Utf8(configKey), value = NativeApi.Utf8(configValue))
            NativeApi.Check(NativeApi.AddSessionConfigEntry(handle, key, value));
    }

    /// <summary>The CPU is always there and always last; its arena follows <paramref name="useArena"/>.</summary>
    public void AppendExecutionProvider_CPU(int useArena = 1) => EnableCpuMemArena = useArena != 0;

    public void AppendExecutionProvider_CUDA(int deviceId = 0)
    {
        using var options = new OrtCUDAProviderOptions();
        options.UpdateOptions(new Dictionary<string, string> { ["device_id"] = deviceId.ToString() });
        AppendExecutionProvider_CUDA(options);
    }

    public void AppendExecutionProvider_CUDA(OrtCUDAProviderOptions cudaProviderOptions) =>
        NativeApi.Check(NativeApi.AppendCudaV2(handle, cudaProviderOptions.Handle));

    public void AppendExecutionProvider(string providerName, Dictionary<string, string>? providerOptions = null) =>
        WithPairs(providerOptions ?? [], (keys, values, count) =>
        {
            fixed (byte* name = NativeApi.Utf8(providerName))
                NativeApi.Check(NativeApi.AppendProvider(handle, name, (nint*)keys, (nint*)values, count));
        });

    protected override bool ReleaseHandle()
    {
        NativeApi.ReleaseSessionOptions(handle);
        return true;
    }

    internal static void WithPairs(Dictionary<string, string> pairs, Action<nint, nint, nuint> use)
    {
        var keys = pairs.Keys.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        var values = pairs.Values.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        try
        {
            fixed (nint* k = keys, v = values) use((nint)k, (nint)v, (nuint)keys.Length);
        }
        finally
        {
            foreach (var text in keys.Concat(values)) Marshal.FreeCoTaskMem(text);
        }
    }
}
