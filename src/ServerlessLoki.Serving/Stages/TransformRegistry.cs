using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Transforms that pipeline files may name. Immutable and thread-safe.</summary>
public sealed class TransformRegistry
{
    private readonly ImmutableSortedDictionary<string, IStageTransform> _byName;

    /// <summary>Takes transforms; see <see cref="IStageTransform"/> for how to add one.</summary>
    /// <exception cref="ArgumentException">Two have the same name, or one is neither selector nor producer.</exception>
    public TransformRegistry(IEnumerable<IStageTransform> transforms)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        var byName = ImmutableSortedDictionary.CreateBuilder<string, IStageTransform>(StringComparer.Ordinal);
        foreach (var transform in transforms)
        {
            if (transform is not (IRowSelector or IInputProducer))
                throw new ArgumentException($"Transform '{transform.Name}' is neither a row selector nor an input producer.", nameof(transforms));
            if (!byName.TryAdd(transform.Name, transform))
                throw new ArgumentException($"Two transforms are named '{transform.Name}'.", nameof(transforms));
        }
        _byName = byName.ToImmutable();
    }

    /// <summary><c>top-k</c>, <c>threshold</c>, <c>crop-resize</c>, <c>crop-quad</c>, <c>identity</c>, <c>concat</c>, <c>pass-text</c>, <c>pass-tensor</c>, <c>query</c>.</summary>
    public static ImmutableArray<IStageTransform> BuiltIn { get; } = [new TopK(), new Threshold(), new CropResize(), new CropQuad(), new Identity(), new Concat(), new PassText(), new PassTensor(), new OwnInput()];

    /// <summary>Registry of the built-in transforms.</summary>
    public static TransformRegistry Default { get; } = new(BuiltIn);

    /// <summary>Decoders that tasks may name.</summary>
    public DecoderRegistry Decoders { get; init; } = DecoderRegistry.Default;

    /// <summary>Names of the transforms, sorted.</summary>
    public IEnumerable<string> Names => _byName.Keys;

    /// <summary>Finds a transform by name.</summary>
    /// <exception cref="KeyNotFoundException">None has that name; the message lists the known names.</exception>
    public IStageTransform Find(string name) => _byName.TryGetValue(name, out var found)
        ? found
        : throw new KeyNotFoundException($"No transform is named '{name}'; known are {string.Join(", ", Names)}.");

    /// <summary>Prepares an edge for serving.</summary>
    /// <param name="edge">Edge to prepare.</param>
    /// <param name="path">JSON path of the edge, for messages.</param>
    /// <exception cref="TransformException">Transforms are unknown, badly set or in the wrong order.</exception>
    public EdgeTransforms Prepare(PipelineEdge edge, string path) => Prepare(edge, path, toTexts: false);

    /// <summary>The same for an edge to a task that takes texts: without a transform that fills its input it gets the parent's.</summary>
    internal EdgeTransforms Prepare(PipelineEdge edge, string path, bool toTexts)
    {
        ArgumentNullException.ThrowIfNull(edge);
        var faults = ImmutableArray.CreateBuilder<string>();
        var selectors = ImmutableArray.CreateBuilder<(IRowSelector, TransformConfig)>();
        (IInputProducer, TransformConfig)? producer = null;
        for (var i = 0; i < edge.Transforms.Length; i++)
        {
            var (config, at) = (edge.Transforms[i], $"{path}.transforms[{i}]");
            if (!_byName.TryGetValue(config.Name, out var transform))
            {
                faults.Add($"{at}.name: '{config.Name}' is not known; allowed are {string.Join(", ", Names)}.");
                continue;
            }
            CheckOptions(transform, config, at, faults);
            if (transform is IRowSelector selector)
            {
                selectors.Add((selector, config));
                if (producer is not null) faults.Add($"{at}: '{config.Name}' chooses rows and must stand before the transform that fills the child's input.");
            }
            else if (producer is not null)
            {
                faults.Add($"{at}: '{config.Name}' fills the child's input, which an earlier transform does already; one per edge.");
            }
            else
            {
                producer = ((IInputProducer)transform, config);
            }
        }
        if (faults.Count > 0) throw new TransformException(faults.ToImmutable());
        var (fill, fillConfig) = producer ?? Unsaid(toTexts ? PipelineEdge.PassText : "identity");
        return new EdgeTransforms(edge, selectors.ToImmutable(), fill, fillConfig) { IsGiven = producer is not null };
    }

    private (IInputProducer, TransformConfig) Unsaid(string name) =>
        ((IInputProducer)Find(name), new TransformConfig(name, ImmutableSortedDictionary<string, double>.Empty));

    private static void CheckOptions(IStageTransform transform, TransformConfig config, string at, ImmutableArray<string>.Builder faults)
    {
        foreach (var name in config.Numbers.Keys)
        {
            if (!transform.Options.Any(o => string.Equals(o.Name, name, StringComparison.Ordinal)))
                faults.Add($"{at}.{name}: '{config.Name}' has no such option; allowed are {(transform.Options.IsEmpty ? "none" : string.Join(", ", transform.Options.Select(o => o.Name)))}.");
        }
        foreach (var option in transform.Options)
        {
            if (!config.Numbers.TryGetValue(option.Name, out var value))
            {
                if (option.Default is null) faults.Add($"{at}.{option.Name}: missing; a number from {option.Min} to {option.Max} is needed.");
            }
            else if (!(value >= option.Min && value <= option.Max) || (option.Whole && value != Math.Truncate(value)))
            {
                faults.Add($"{at}.{option.Name}: {value}; allowed is a {(option.Whole ? "whole " : "")}number from {option.Min} to {option.Max}.");
            }
        }
    }
}
