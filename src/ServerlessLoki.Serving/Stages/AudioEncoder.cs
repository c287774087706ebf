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
    private readonly ISoundFeatures? _features;

    private AudioEncoder(AudioForm form, ModelTensor input)
    {
        (_form, _input) = (SoundLength.Fit(form, input.Shape), input);
        _features = form.Features switch
        {
            AudioFeatures.LogMel => new LogMel(_form.Bands, form.Rate),
            AudioFeatures.Fbank => new Fbank(_form.Bands, form.Rate),
            _ => null,
        };
    }

    /// <summary>Returns why sounds cannot become this model's input; null if they can.</summary>
    public static string? Fault(OnnxModel model, AudioForm form)
    {
        if (model.Inputs is not [var input])
            return $"its inputs {string.Join(", ", model.Inputs)} are several; a model of sounds has one: export it with the others as constants";
        var (fits, allowed) = form.Features switch
        {
            AudioFeatures.LogMel => (input.Shape is [_, > 0, -1 or > 2], "[N, bands, frames], the bands fixed (\"features\": \"log-mel\")"),
            AudioFeatures.Fbank => (input.Shape is [_, not 0, > 0], "[N, frames, bands], the bands fixed (\"features\": \"fbank\")"),
            _ => (input.Shape is [_, not 0] or [_, 1, not 0], "[N, T] or [N, 1, T] (\"features\": \"samples\")"),
        };
        if (!model.HasBatch || input.Datatype != "FP32" || !fits)
            return $"input {input}: for sounds it is FP32 {allowed}";
        return form.Window * form.Rate > SoundLength.Fit(form, input.Shape).Samples + 1
            ? $"input {input} takes {SoundLength.Fit(form, input.Shape).Samples} samples, but a \"window\" of {form.Window} s has {form.Window * form.Rate:0}: make the window shorter" : null;
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
        if (pipeline.Root.Variants.Select(static v => (v.Input.Audio?.Window, v.Input.Audio?.Hop)).Distinct().Skip(1).Any())
            faults.Add(new Validation.Fault("$.tasks[0].variants", "variants cut sounds into unlike windows", null, "\"window\" and \"hop\" at the task, the same for all variants"));
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
        var values = _features is null ? samples : _features.Of(samples);
        var shape = _features is null ? (_input.Shape.Length == 2 ? [values.Length] : [1, values.Length]) : _features.Shape(samples.Length);
        runner.Set(row, 0, new LooseRow(shape, MemoryMarshal.AsBytes<float>(values).ToArray()));
    }
}
