using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Models;

/// <summary>One loaded variant: its session, shared by all slots that run it. Thread-safe.</summary>
/// <remarks>Each slot makes its own <see cref="ModelRunner"/>. The session lives until the model and all of its runners
/// are disposed, in any order: a swap may dispose the model while a last batch still runs.</remarks>
public sealed class OnnxModel : IDisposable
{
    private readonly Lazy<BatchLayout> _layout;
    private readonly int _mostRows;

    /// <summary>True where the file declares the first dimension of every output as the batch.</summary>
    private readonly bool _isPlain;
    private volatile string? _held;
    private int _users = 1;
    private int _disposed;

    private OnnxModel(string name, string? file, InferenceSession session, ModelOptions options, string provider, string? fallback)
    {
        (Name, Session, Provider, ProviderFallback) = (name, session, provider, fallback);
        Constants = ModelConstants.Of(session, options.Constants, options.MaxBatch);
        Inputs = [.. session.InputNames.Except(Constants.Names, StringComparer.Ordinal).Select((n, i) => ModelTensor.From(n, i, session.InputMetadata[n]))];
        Outputs = [.. session.OutputNames.Select((n, i) => ModelTensor.From(n, i, session.OutputMetadata[n]))];
        UsualLength = options.UsualLength;
        Metadata = session.ModelMetadata.CustomMetadataMap.ToImmutableDictionary(StringComparer.Ordinal);
        if (Inputs.IsEmpty || Outputs.IsEmpty) throw new ModelException("it needs at least one input and one output.");
        var batches = Inputs.Where(i => i.Shape.Length > 0).Select(i => i.Shape[0]).Where(b => b > 0).Distinct().ToArray();
        HasBatch = batches.Length <= 1 && Inputs.All(i => i.Shape.Length > 0);
        FixedBatch = HasBatch && batches.Length == 1 ? (int)batches[0] : null;
        IsSized = HasBatch && Inputs.All(i => i.RowBytes is not null) && Outputs.All(o => o is { ElementBytes: > 0, IsMap: false });
        // A buffer holds the largest batch, and no buffer is larger than 2 GiB.
        var mostRows = int.MaxValue / Inputs.Concat(Outputs).Max(t => Math.Max(1, t.RowBytes ?? 1));
        if (FixedBatch > mostRows) throw new ModelException($"its fixed batch of {FixedBatch} rows needs more than 2 GiB for one tensor.");
        _mostRows = HasBatch ? FixedBatch ?? Math.Min(options.MaxBatch, mostRows) : 1;
        _isPlain = HasBatch && Outputs.All(o => o.IsMap || IsDeclaredBatch(o, 0));
        _layout = new Lazy<BatchLayout>(() => _mostRows == 1 && _isPlain ? BatchLayout.Declared(this) : BatchLayouts.Of(file, this));
    }

    /// <summary>Name for messages: the variant's name or the file.</summary>
    public string Name { get; }

    /// <summary>Those that queries or parents bring, in the model's order; at least one.</summary>
    public ImmutableArray<ModelTensor> Inputs { get; }

    /// <summary>Outputs in the model's order; at least one.</summary>
    public ImmutableArray<ModelTensor> Outputs { get; }

    /// <summary>Custom key-value pairs of the model file.</summary>
    public ImmutableDictionary<string, string> Metadata { get; }

    /// <summary>Batch size that the model's first dimension fixes: smaller batches are padded to it; null where it is open.</summary>
    public int? FixedBatch { get; }

    /// <summary>False where the inputs share no dimension that could be the batch: each run is one query, in the model's own
    /// shapes.</summary>
    public bool HasBatch { get; }

    /// <summary>True where the size of every input row is known before the run; <see cref="CreateRunner"/> then serves the model, else
    /// <see cref="CreateLooseRunner"/>.</summary>
    public bool IsSized { get; }

    /// <summary>Largest batch, rows: 1 where <see cref="HeldBecause"/> gives a reason. The first read probes the model.</summary>
    public int MaxBatch => _mostRows == 1 || HeldBecause is null ? _mostRows : 1;

    /// <summary>Reason why rows run one at a time: in a batch they would get other answers than alone; null where they would not.</summary>
    public string? HeldBecause => _held ?? Layout.Held;

    /// <summary>Provider in use: <c>cpu</c> or <c>cuda</c>.</summary>
    public string Provider { get; }

    /// <summary>Reason why the requested provider is not in use; null if it is.</summary>
    public string? ProviderFallback { get; }

    internal InferenceSession Session { get; }

    /// <summary>Inputs that never change; <see cref="Inputs"/> are the others.</summary>
    internal ModelConstants Constants { get; }

    /// <summary>Names of all that a run gets: inputs, then constants.</summary>
    internal IReadOnlyCollection<string> RunNames => [.. Inputs.Select(static i => i.Name), .. Constants.Names];

    /// <summary>Length of open dimensions of usual rows; null where that is not known.</summary>
    internal int? UsualLength { get; }

    /// <summary>Places of a batch's rows in the outputs.</summary>
    internal BatchLayout Layout => _layout.Value;

    /// <summary>Outputs as callers see them: the batch first, wherever the model has it. A model is probed for this only where its file
    /// leaves doubt, so that reading many files does not run them all.</summary>
    internal (ImmutableArray<TensorDescription> Outputs, string? HeldBecause) Described => _isPlain && !_layout.IsValueCreated
        ? ([.. Outputs.SelectMany(o => Describe(o, o.Shape))], _held)
        : ([.. Outputs.SelectMany(o => Describe(o, BatchFirst(o)))], HeldBecause);

    /// <summary>Loads a variant's model file. Settings of the pipeline file about its rows are used for generated rows, in measuring and
    /// probing.</summary>
    /// <param name="variant">Variant to load.</param>
    /// <param name="path">ONNX file.</param>
    /// <param name="options">Options for loading.</param>
    /// <exception cref="ModelException">The file is missing or no model, or the model cannot be served.</exception>
    public static OnnxModel Load(Variant variant, string path, ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(variant);
        ArgumentNullException.ThrowIfNull(options);
        options = options with { Constants = variant.Input.Constants };
        return Load(variant.Name, path, variant.Input.Audio is { } sounds ? options with { UsualLength = SoundLength.Usual(sounds) } : options);
    }

    /// <summary>Loads a model file.</summary>
    /// <param name="name">Name for messages.</param>
    /// <param name="path">ONNX file.</param>
    /// <param name="options">Options for loading.</param>
    /// <exception cref="ModelException">The file is missing or no model, or the model cannot be served.</exception>
    public static OnnxModel Load(string name, string path, ModelOptions options)
    {
        if (!File.Exists(path)) throw new ModelException($"Model '{name}': the file '{path}' does not exist.");
        // A pipe or a device has no length either: opening it would wait for ever.
        if (new FileInfo(path).Length == 0) throw new ModelException($"Model '{name}': the file '{path}' is empty, or no regular file.");
        return Load(name, path, options, o => new InferenceSession(path, o));
    }

    /// <summary>Loads a model from memory.</summary>
    /// <inheritdoc cref="Load(string, string, ModelOptions)"/>
    public static OnnxModel Load(string name, byte[] model, ModelOptions options) =>
        Load(name, file: null, options, o => new InferenceSession(model, o));

    /// <summary>Makes buffers and bindings for one slot.</summary>
    /// <exception cref="ModelException">The model is not <see cref="IsSized"/>.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public ModelRunner CreateRunner()
    {
        if (!IsSized) throw new ModelException($"Model '{Name}' takes {string.Join(", ", Inputs)}: its rows have no fixed size.");
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        Interlocked.Increment(ref _users);
        return new ModelRunner(this);
    }

    /// <summary>Makes a runner for one slot of a model that is not <see cref="IsSized"/>; it runs other models too.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    internal LooseRunner CreateLooseRunner()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        Interlocked.Increment(ref _users);
        return new LooseRunner(this);
    }

    /// <summary>Finds the output of that name, or the first where <paramref name="name"/> is null.</summary>
    /// <exception cref="ModelException">No output has that name.</exception>
    public ModelTensor Output(string? name)
    {
        if (name is null) return Outputs[0];
        return Outputs.FirstOrDefault(o => string.Equals(o.Name, name, StringComparison.Ordinal))
            ?? throw new ModelException($"Model '{Name}' has no output '{name}'; it has {string.Join(", ", Outputs)}.");
    }

    /// <summary>Ends the model; its session is freed with the last of its runners.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) Release();
    }

    /// <summary>Limits batches to one row from now on: in a batch some rows got the values of others.</summary>
    internal void Hold(string because) => _held ??= because;

    /// <summary>Tests whether the file itself declares this dimension of the output as the batch.</summary>
    internal bool IsDeclaredBatch(ModelTensor output, int axis)
    {
        if (axis >= output.Shape.Length)
            return false;
        return FixedBatch is { } batch
            ? output.Shape[axis] == batch
            : output.Shape[axis] < 0 && output.Symbols[axis] is { Length: > 0 } name && Inputs.Any(i => i.Symbols is [var first, ..] && first == name);
    }

    /// <summary>Returns the dimensions of a row of an output, wherever the model has the batch; all of them where it has none. Like
    /// <see cref="Described"/>, it probes the model only where its file leaves doubt.</summary>
    internal ImmutableArray<long> RowOf(ModelTensor output) => !HasBatch ? output.Shape : (_isPlain && !_layout.IsValueCreated ? output.Shape : BatchFirst(output)).RemoveAt(0);

    private ImmutableArray<long> BatchFirst(ModelTensor output) =>
        HasBatch && !output.IsMap ? [.. Layout.Outputs[output.Index].BatchFirst(output.Shape, FixedBatch ?? -1)] : output.Shape;

    private static IEnumerable<TensorDescription> Describe(ModelTensor output, ImmutableArray<long> shape) => output.IsMap
        ? [new(output.Name + LooseOutputs.Label, output.KeyDatatype!, shape), new(output.Name + LooseOutputs.Score, output.Datatype, shape)]
        : [new(output.Name, output.Datatype, shape)];

    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) != 0) return;
        Session.Dispose();
        Constants.Dispose();
    }

    private static OnnxModel Load(string name, string? file, ModelOptions options, Func<SessionOptions, InferenceSession> open)
    {
        ArgumentNullException.ThrowIfNull(options);
        var check = new OptionCheck();
        check.Add(options.Faults());
        check.ThrowIfAny($"model '{name}'");
        string? fallback = null;
        if (options.Provider == ExecutionProvider.Cuda)
        {
            try
            {
                return Open(name, file, options, open, "cuda", null);
            }
            // A native library without the provider refuses, or does not even export its entry point.
            catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or NotSupportedException)
            {
                fallback = $"CUDA cannot be used: {e.Message.Trim()}";
            }
        }
        try
        {
            return Open(name, file, options, open, "cpu", fallback);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException($"Model '{name}' cannot be loaded: {RuntimeCause.Of(e)}", e);
        }
    }

    /// <summary>Adds the CUDA provider. Slots share the GPU: a session takes only the memory it needs, and no more than its part.</summary>
    private static void AppendCuda(SessionOptions session, ModelOptions options)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["device_id"] = options.DeviceId.ToString(CultureInfo.InvariantCulture),
            ["arena_extend_strategy"] = "kSameAsRequested",
        };
        if (options.GpuMemoryBytes is { } bytes) settings["gpu_mem_limit"] = bytes.ToString(CultureInfo.InvariantCulture);
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(settings);
        session.AppendExecutionProvider_CUDA(cuda);
    }

    private static OnnxModel Open(string name, string? file, ModelOptions options, Func<SessionOptions, InferenceSession> open, string provider, string? fallback)
    {
        using var session = new SessionOptions
        {
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = options.Optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
            // Errors come as exceptions; the library's own log would only repeat them.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Spinning workers take the cores from the other slots between two runs.
        if (options.Threads > 1) session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (provider == "cuda") AppendCuda(session, options);
        var opened = open(session);
        try
        {
            return new OnnxModel(name, file, opened, options, provider, fallback);
        }
        catch (ModelException e)
        {
            opened.Dispose();
            throw new ModelException($"Model '{name}' cannot be served: {e.Message}", e);
        }
    }
}
