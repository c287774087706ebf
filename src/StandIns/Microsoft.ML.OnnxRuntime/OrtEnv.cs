using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>The process-wide environment.</summary>
public sealed unsafe class OrtEnv : SafeHandle
{
    private static readonly Lazy<OrtEnv> Shared = new(() => new OrtEnv());

    private OrtEnv() : base(0, ownsHandle: true)
    {
        nint env;
        fixed (byte* id = NativeApi.Utf8("CSharpOnnxRuntime"))
            NativeApi.Check(NativeApi.CreateEnv((int)OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, id, &env));
        SetHandle(env);
    }

    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    public static OrtEnv Instance() => Shared.Value;

    public string GetVersionString() => NativeApi.Version;

    public string[] GetAvailableProviders()
    {
        nint* names;
        int count;
        NativeApi.Check(NativeApi.GetAvailableProviders(&names, &count));
        var result = new string[count];
        for (var i = 0; i < count; i++) result[i] = NativeApi.ToText(names[i]);
        NativeApi.Check(NativeApi.ReleaseAvailableProviders(names, count));
        return result;
    }

    protected override bool ReleaseHandle()
    {
        NativeApi.ReleaseEnv(handle);
        return true;
    }
}
