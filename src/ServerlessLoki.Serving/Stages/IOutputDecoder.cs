using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder of detections from a model's outputs, named in the pipeline file as a task's <c>output.decoder</c>.</summary>
/// <remarks>
/// To add one:
/// <list type="number">
/// <item>Write a stateless class that implements this and an <see cref="IDetectionReader"/>, one file in this folder or in your own project.</item>
/// <item>Choose its <see cref="Name"/>: lower case, words joined by hyphens; the pipeline file uses it.</item>
/// <item>In <see cref="Bind"/> look at names, datatypes and shapes once; in the reader only at values.</item>
/// <item>Register it: pass it to <see cref="DecoderRegistry"/> beside <see cref="DecoderRegistry.BuiltIn"/>, and that to
/// <see cref="TransformRegistry.Decoders"/>.</item>
/// <item>Test it: a model that does not fit, values that are not numbers, no detection at all, and two rows with different content.</item>
/// </list>
/// Thresholds, the form of boxes, non-maximum suppression and the limit of detections are not its business:
/// <see cref="DetectionList"/> applies them.
/// </remarks>
public interface IOutputDecoder
{
    /// <summary>Name in the pipeline file; unique in a registry.</summary>
    string Name { get; }

    /// <summary>Names of the outputs that the decoder reads, the keys of <c>output.tensors</c>; empty for a decoder of one output, which
    /// <c>output.tensor</c> names.</summary>
    ImmutableArray<string> Roles { get; }

    /// <summary>Checks a model's outputs: returns their reader, or the reason why they cannot be read.</summary>
    /// <param name="fit">Outputs of the model and their settings in the file.</param>
    DecoderBinding Bind(OutputFit fit);
}
