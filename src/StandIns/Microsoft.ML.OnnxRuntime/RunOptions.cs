using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>How one run behaves; <see cref="Terminate"/> may be set from another thread.</summary>
public unsafe class RunOptions : SafeHandle
{
    private OrtLoggingLevel _logSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;
    private string _logId = "";
    private bool _terminate;

    public RunOptions() : base(0, ownsHandle: true)
    {
        nint options;
        NativeApi.Check(NativeApi.CreateRunOptions(&options));
        SetHandle(options);
    }

    public override bool IsInvalid => handle == 0;

    public OrtLoggingLevel LogSeverityLevel
    {
        get => _logSeverityLevel;
        set
        {
            NativeApi.Check(NativeApi.RunOptionsSetSeverity(handle, (int)value));
            _logSeverityLevel = value;
        }
    }

    public string LogId
    {
        get => _logId;
        set
        {
            fixed (byte* tag = NativeApi.Utf8(value)) NativeApi.Check(NativeApi.RunOptionsSetTag(handle, tag));
            _logId = value;
        }
    }

    public bool Terminate
    {
        get => _terminate;
        set
        {
            NativeApi.Check(value ? NativeApi.RunOptionsSetTerminate(handle) : NativeApi.RunOptionsUnsetTerminate(handle));
            _terminate = value;
        }
    }

    internal nint Handle => handle;

    protected override bool ReleaseHandle()
    {
        NativeApi.ReleaseRunOptions(handle);
        return true;
    }
}
