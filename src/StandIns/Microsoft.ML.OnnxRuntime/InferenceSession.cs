using System.Text;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A loaded model. Runs from many threads at once are allowed.</summary>
public unsafe class InferenceSession : IDisposable
{
    private readonly List<string> _inputNames = [];
    private readonly List<string> _outputNames = [];
    private readonly Dictionary<string, NodeMetadata> _inputMetadata = [];
    private readonly Dictionary<string, NodeMetadata> _outputMetadata = [];
    private readonly Dictionary<string, byte[]> _utf8Names = [];
    private ModelMetadata? _modelMetadata;
    private nint _handle;

    public InferenceSession(string modelPath)
    {
        using var options = new SessionOptions();
        _handle = Load(modelPath, options);
        ReadNodes();
    }

    public InferenceSession(string modelPath, SessionOptions options)
    {
        _handle = Load(modelPath, options);
        ReadNodes();
    }

    public InferenceSession(byte[] model)
    {
        using var options = new SessionOptions();
        _handle = Load(model, options);
        ReadNodes();
    }

    public InferenceSession(byte[] model, SessionOptions options)
    {
        _handle = Load(model, options);
        ReadNodes();
    }

    public IReadOnlyDictionary<string, NodeMetadata> InputMetadata => _inputMetadata;

    public IReadOnlyList<string> InputNames => _inputNames;

    public IReadOnlyDictionary<string, NodeMetadata> OutputMetadata => _outputMetadata;

    public IReadOnlyList<string> OutputNames => _outputNames;

    public ModelMetadata ModelMetadata => _modelMetadata ??= new ModelMetadata(this);

    internal nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(InferenceSession));

    public OrtIoBinding CreateIoBinding() => new(this);

    public void RunWithBinding(RunOptions runOptions, OrtIoBinding ioBinding) =>
        NativeApi.Check(NativeApi.RunWithBinding(Handle, runOptions.Handle, ioBinding.Handle));

    public IDisposableReadOnlyCollection<OrtValue> Run(RunOptions runOptions, IReadOnlyDictionary<string, OrtValue> inputs,
        IReadOnlyCollection<string> outputNames) =>
        Run(runOptions, [.. inputs.Keys], [.. inputs.Values], outputNames);

    public IDisposableReadOnlyCollection<OrtValue> Run(RunOptions runOptions, IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputValues, IReadOnlyCollection<string> outputNames)
    {
        if (inputNames.Count != inputValues.Count)
            throw new ArgumentException($"{inputNames.Count} input names but {inputValues.Count} values.", nameof(inputNames));
        var values = inputValues.Select(v => v.Handle).ToArray();
        var outputs = new nint[outputNames.Count];
        using var names = new PinnedNames(inputNames.Concat(outputNames).Select(Utf8Name));
        fixed (nint* v = values, o = outputs)
        {
            NativeApi.Check(NativeApi.Run(Handle, runOptions.Handle, names.Pointers, v, (nuint)values.Length,
                names.Pointers + values.Length, (nuint)outputs.Length, o));
        }
        var result = new DisposableList<OrtValue>();
        foreach (var output in outputs) result.Add(new OrtValue(output));
        return result;
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_handle == 0) return;
        NativeApi.ReleaseSession(_handle);
        _handle = 0;
    }

    private static nint Load(string path, SessionOptions options)
    {
        nint session;
        var native = OperatingSystem.IsWindows() ? Encoding.Unicode.GetBytes(path + "\0") : NativeApi.Utf8(path);
        fixed (byte* p = native)
            NativeApi.Check(NativeApi.CreateSession(OrtEnv.Instance().Handle, p, options.Handle, &session));
        return session;
    }

    private static nint Load(byte[] model, SessionOptions options)
    {
        nint session;
        fixed (byte* p = model)
            NativeApi.Check(NativeApi.CreateSessionFromArray(OrtEnv.Instance().Handle, p, (nuint)model.Length, options.Handle, &session));
        return session;
    }

    private byte[] Utf8Name(string name) => _utf8Names.TryGetValue(name, out var utf8)
        ? utf8
        : throw new OnnxRuntimeException(ErrorCode.InvalidArgument,
            $"'{name}' is neither an input ({string.Join(", ", _inputNames)}) nor an output ({string.Join(", ", _outputNames)}).");

    private void ReadNodes()
    {
        nuint inputs;
        nuint outputs;
        NativeApi.Check(NativeApi.SessionGetInputCount(_handle, &inputs));
        NativeApi.Check(NativeApi.SessionGetOutputCount(_handle, &outputs));
        for (nuint i = 0; i < inputs; i++)
            ReadNode(i, NativeApi.SessionGetInputName, NativeApi.SessionGetInputTypeInfo, _inputNames, _inputMetadata);
        for (nuint i = 0; i < outputs; i++)
            ReadNode(i, NativeApi.SessionGetOutputName, NativeApi.SessionGetOutputTypeInfo, _outputNames, _outputMetadata);
    }

    private void ReadNode(nuint index, delegate* unmanaged<nint, nuint, nint, nint*, nint> readName,
        delegate* unmanaged<nint, nuint, nint*, nint> readType, List<string> names, Dictionary<string, NodeMetadata> metadata)
    {
        nint text;
        nint typeInfo;
        NativeApi.Check(readName(_handle, index, OrtAllocator.DefaultInstance.Pointer, &text));
        var name = NativeApi.TakeText(text);
        NativeApi.Check(readType(_handle, index, &typeInfo));
        try
        {
            metadata[name] = new NodeMetadata(typeInfo);
        }
        finally
        {
            NativeApi.ReleaseTypeInfo(typeInfo);
        }
        names.Add(name);
        _utf8Names[name] = NativeApi.Utf8(name);
    }
}
