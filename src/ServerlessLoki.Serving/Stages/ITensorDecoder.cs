using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder of vectors, texts or answers from a model's outputs, named in the pipeline file as a task's
/// <c>output.decoder</c>.</summary>
/// <remarks>
/// To add one:
/// <list type="number">
/// <item>Write a stateless class that implements this and an <see cref="ITensorReader"/>, one file in this folder or in your own project.</item>
/// <item>Choose its <see cref="Name"/>, lower case, words joined by hyphens, and the <see cref="Kind"/> of output that it makes. The kind fixes
/// names and datatypes of the tensors: see <see cref="MadeTensors"/>.</item>
/// <item>In <see cref="Bind"/> look at names, datatypes, shapes and files once; in the reader only at values.</item>
/// <item>Register it: pass it beside <see cref="DecoderRegistry.BuiltInTensors"/> as <see cref="DecoderRegistry.Tensors"/>.</item>
/// <item>Test it: a model that does not fit, values that are not numbers, and two rows with different content.</item>
/// </list>
/// </remarks>
public interface ITensorDecoder
{
    /// <summary>Name in the pipeline file; unique in a kind.</summary>
    string Name { get; }

    /// <summary>Kind of output that the decoder makes.</summary>
    TaskOutputKind Kind { get; }

    /// <summary>Checks a model's outputs: returns their reader, or the reason why they cannot be read.</summary>
    /// <param name="fit">Outputs of the model and their settings in the file.</param>
    TensorBinding Bind(OutputFit fit);
}
