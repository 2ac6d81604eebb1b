//! A running average of the weights: steadier on new people than the weights of any one step (Polyak, Juditsky 1992; as an exponential
//! average, Tarvainen, Valpola 2017, arXiv:1703.01780).

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

use super::model::SpotterNet;

/// The average so far.
#[derive(Clone, Debug)]
pub struct Average {
    keep: f32,
    steps: usize,
    /// By parameter, in the order in which they are given.
    values: Vec<Vec<f32>>,
}

impl Average {
    /// An average that keeps this share of itself at each step, `[0, 1)`; less at first, so that the random start is soon forgotten.
    pub fn new(keep: f32) -> Self {
        Self { keep, steps: 0, values: Vec::new() }
    }

    /// Goes on from where another run was: what [`Average::steps`] and [`Average::values`] gave.
    pub fn resumed(keep: f32, steps: usize, values: Vec<Vec<f32>>) -> Self {
        Self { keep, steps, values }
    }

    /// Takes the weights after a step.
    pub fn push(&mut self, model: &SpotterNet) {
        let mut weights = Weights::default();
        model.visit(&mut weights);
        let values: Vec<&[f32]> = weights.0.iter().map(Vec::as_slice).collect();
        self.push_values(&values);
    }

    /// Takes parameters after a step; as many and as long at each.
    pub fn push_values(&mut self, values: &[&[f32]]) {
        // The mean of all steps at first, then the exponential average.
        let steps = self.steps as f32;
        let keep = self.keep.min(steps / (steps + 1.0));
        self.steps += 1;
        if self.values.is_empty() {
            self.values = values.iter().map(|values| values.to_vec()).collect();
            return;
        }
        for (average, values) in self.values.iter_mut().zip(values) {
            for (average, new) in average.iter_mut().zip(*values) {
                *average = keep * *average + (1.0 - keep) * new;
            }
        }
    }

    /// Steps taken.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The average, by parameter; empty before the first step.
    pub fn values(&self) -> &[Vec<f32>] {
        &self.values
    }

    /// `model` with the average for its weights.
    pub fn put_into(&self, model: SpotterNet) -> SpotterNet {
        model.map(&mut Filler(self.values.iter()))
    }
}

#[derive(Default)]
struct Weights(Vec<Vec<f32>>);

impl ModuleVisitor for Weights {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(param.val().into_data().iter::<f32>().collect());
    }
}

struct Filler<'a>(std::slice::Iter<'a, Vec<f32>>);

impl ModuleMapper for Filler<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(values) = self.0.next() else { return param };
        param
            .map(|tensor| Tensor::from_data(TensorData::new(values.clone(), tensor.dims()), &tensor.device()))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::super::model::ModelParams;
    use super::*;

    fn model(seed: u64) -> SpotterNet {
        let device = Device::flex();
        device.seed(seed);
        SpotterNet::new(3, &ModelParams { hidden: 4, dilations: vec![1], dropout_percent: [0, 0] }, &device)
    }

    fn outputs(model: &SpotterNet) -> Vec<f32> {
        let input = Tensor::<3>::ones([3, 1, 3], &Device::flex());
        model.forward(input).into_data().iter::<f32>().collect()
    }

    #[test]
    fn an_average_of_one_is_itself_and_of_two_lies_between() {
        let (a, b) = (model(1), model(2));
        let mut average = Average::new(0.99);
        average.push(&a);
        assert_eq!(outputs(&average.put_into(b.clone())), outputs(&a));
        average.push(&b);
        let (mut one, mut two, mut mean) = (Weights::default(), Weights::default(), Weights::default());
        a.visit(&mut one);
        b.visit(&mut two);
        average.put_into(a.clone()).visit(&mut mean);
        let all = one.0.iter().flatten().zip(two.0.iter().flatten()).zip(mean.0.iter().flatten());
        assert!(all.into_iter().all(|((a, b), mean)| (0.5 * (a + b) - mean).abs() < 1e-6));
    }
}
