using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Encoder of a WAV file to a row of a model's input. Thread-safe.</summary>
/// <remarks>A model of fixed length gets silence behind a shorter sound; a longer one is refused.</remarks>
internal sealed class AudioEncoder
{
    private readonly AudioForm _form;
    private readonly ModelTensor _input;
    private readonly LogMel? _mel;

    private AudioEncoder(AudioForm form, ModelTensor input)
    {
        (_form, _input) = (SoundLength.Fit(form, input.Shape), input);
        _mel = form.Features == AudioFeatures.LogMel ? new LogMel(_form.Bands, form.Rate) : null;
    }

    /// <summary>Returns why sounds cannot become this model's input; null if they can.</summary>
    public static string? Fault(OnnxModel model, AudioForm form)
    {
        if (model.Inputs is not [var input])
            return $"its inputs {string.Join(", ", model.Inputs)} are several; a model of sounds has one: export it with the others as constants";
        var fits = form.Features == AudioFeatures.LogMel ? input.Shape is [_, > 0, -1 or > 2] : input.Shape is [_, not 0] or [_, 1, not 0];
        return model.HasBatch && input.Datatype == "FP32" && fits ? null
            : $"input {input}: for sounds it is FP32 {(form.Features == AudioFeatures.LogMel ? "[N, bands, frames], the bands fixed (\"features\": \"log-mel\")" : "[N, T] or [N, 1, T] (\"features\": \"samples\")")}";
    }

    /// <summary>Makes an encoder for a model.</summary>
    /// <exception cref="ModelException">The model takes no such sounds.</exception>
    public static AudioEncoder Of(OnnxModel model, AudioForm form) => Fault(model, form) is { } fault
        ? throw new ModelException($"Model '{model.Name}' takes no sounds so: {fault}.") : new AudioEncoder(form, model.Inputs[0]);

    /// <summary>True where queries bring sounds for the root's variants.</summary>
    public static bool AreSounds(Pipeline pipeline, List<Validation.Fault> faults)
    {
        if (!pipeline.Root.Variants.Any(static v => v.Input.Audio is not null))
            return false;
        if (pipeline.Input.Datatype != "BYTES" || pipeline.Input.Shape is not [1])
            faults.Add(new Validation.Fault("$.input", "the first task takes sounds", $"{pipeline.Input.Datatype} [{string.Join(',', pipeline.Input.Shape)}]", "BYTES [1], a WAV file"));
        return true;
    }

    /// <summary>Sets a row.</summary>
    /// <param name="elements">BYTES tensor with the file.</param>
    /// <param name="runner">Runner of the model.</param>
    /// <param name="row">Row of the forming batch.</param>
    /// <exception cref="ModelException">The bytes are no WAV file, or the sound is too long or has samples far beyond full
    /// scale.</exception>
    public void Set(ReadOnlyMemory<byte> elements, LooseRunner runner, int row)
    {
        var file = TextElements.Of(elements).FirstOrDefault().Span;
        float[] samples;
        try
        {
            var header = WavHeader.Read(file);
            if (SoundLength.IsTooLong(_form, header))
                throw new ModelException($"The sound has {header.Seconds:0.###} s; model '{runner.Model.Name}' takes at most {_form.MaxSeconds:0.###} s: cut it.");
            samples = WavSamples.Read(file, header, _form.Rate);
        }
        catch (SoundFormatException exception)
        {
            throw new ModelException(exception.Message);
        }

        Array.Resize(ref samples, SoundLength.Of(_form, samples.Length));
        if (!_form.Scale.Equals(1.0))
            TensorPrimitives.Multiply(samples, (float)_form.Scale, samples);
        var values = _mel is null ? samples : _mel.Of(samples);
        long[] shape = _mel is null ? (_input.Shape.Length == 2 ? [values.Length] : [1, values.Length]) : [_mel.Bands, LogMel.Frames(samples.Length)];
        runner.Set(row, 0, new LooseRow(shape, MemoryMarshal.AsBytes<float>(values).ToArray()));
    }
}
