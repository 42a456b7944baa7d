//! Downloads by a link: whoever has it may fetch one file, once.

use bot_core::downloads::Visitor;

use crate::answer::Answer;
use crate::cx::Cx;
use crate::download;
use crate::origin::Origin;
use crate::problem::Problem;

/// `/d/<token>`. Links in messages lead to a landing page of their plugin and never here; a program
/// that follows links by itself gets nothing even so.
pub(crate) async fn fetch(cx: Cx) -> Answer {
    let origin = Origin::of(&cx.request);
    if origin.bot {
        return Err(Problem::Robot);
    }
    let token: String = cx.param("token")?;
    let grant = cx.app()?.downloads.look(&token).await?;
    let grant = grant.ok_or(Problem::NotFound)?;
    let visitor = Visitor {
        address: origin.address,
        agent: origin.agent,
    };
    download::granted(&cx, &grant, &visitor).await
}
